/** A bin as people know it: a coloured lid with its sign and its name, and a body with the rest. */
import type { ComponentChildren } from 'preact';
import type { Container } from '../api/types';
import { localised } from '../i18n';
import { BinIcon } from './BinIcon';
import { binColours } from './colour';

/** "Bac jaune (emballages)" in two sizes: the name, then what stands in brackets. */
export function nameParts(name: string): { readonly name: string; readonly detail: string | null } {
  const match = /^(.*?)\s*\((.*)\)$/.exec(name);
  return match === null
    ? { name, detail: null }
    : { name: match[1] as string, detail: match[2] as string };
}

interface Props {
  readonly container: Container;
  readonly children?: ComponentChildren;
}

export function Bin({ container, children }: Props) {
  const { name, detail } = nameParts(localised(container, 'name'));
  return (
    <div class="bin" style={binColours(container.colour)}>
      <div class="bin-lid">
        <BinIcon icon={container.icon} />
        <p class="bin-name">
          <strong>{name}</strong>
          {detail !== null && <span class="bin-detail">{detail}</span>}
        </p>
      </div>
      {children != null && <div class="bin-body">{children}</div>}
    </div>
  );
}

/** The same bin, small: for lists and second choices. */
export function BinTag({ container }: { readonly container: Container }) {
  return (
    <span class="bin-tag">
      <span class="bin-dot" style={binColours(container.colour)}>
        <BinIcon icon={container.icon} />
      </span>
      {nameParts(localised(container, 'name')).name}
    </span>
  );
}
