/** A sentence that matters now, with what can be done about it. */
import type { ComponentChildren } from 'preact';
import { Icon, type IconName } from './Icon';

interface Props {
  readonly icon: IconName;
  readonly title?: string;
  readonly children?: ComponentChildren;
}

export function Notice({ icon, title, children }: Props) {
  return (
    <div class="notice">
      <Icon name={icon} />
      <div class="notice-text">
        {title !== undefined && <p class="notice-title">{title}</p>}
        {children}
      </div>
    </div>
  );
}
