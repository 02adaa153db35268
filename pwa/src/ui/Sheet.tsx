/** A dialog that rises from the bottom of a phone, and stands in the middle of a desktop. */
import { effect, type Signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../i18n';
import { Icon } from './Icon';

interface Props {
  readonly open: Signal<boolean>;
  /** Id of the title. */
  readonly id: string;
  readonly title: string;
  readonly children: ComponentChildren;
}

export function Sheet({ open, id, title, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(
    () =>
      effect(() => {
        if (open.value) dialog.current?.showModal();
        else dialog.current?.close();
      }),
    [open],
  );
  const close = (): void => {
    open.value = false;
  };
  return (
    <dialog
      ref={dialog}
      class="sheet"
      aria-labelledby={id}
      onClose={close}
      onClick={(event) => {
        if (event.target === dialog.current && isBeside(dialog.current, event)) close();
      }}
    >
      {open.value && (
        <>
          <header class="sheet-head">
            <h2 id={id}>{title}</h2>
            <button type="button" class="quiet icon-only" aria-label={t().close} onClick={close}>
              <Icon name="close" />
            </button>
          </header>
          {children}
        </>
      )}
    </dialog>
  );
}

/** True for a tap on the darkened page around the sheet. */
function isBeside(sheet: HTMLElement | null, { clientX, clientY }: MouseEvent): boolean {
  if (sheet === null) return false;
  const { left, right, top, bottom } = sheet.getBoundingClientRect();
  return clientX < left || clientX > right || clientY < top || clientY > bottom;
}
