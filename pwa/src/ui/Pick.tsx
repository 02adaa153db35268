/** A file input that looks like what it stands for. */
import type { ComponentChildren } from 'preact';

interface Props {
  readonly accept?: string;
  /** True where the phone's own camera takes the photo. */
  readonly capture?: boolean;
  readonly class: string;
  readonly label: string;
  readonly onFiles: (files: File[]) => void;
  readonly children: ComponentChildren;
}

export function Pick({ accept = 'image/*', capture = false, class: className, label, onFiles, children }: Props) {
  return (
    <label class={className} title={label}>
      <input
        type="file"
        accept={accept}
        aria-label={label}
        multiple={!capture}
        {...(capture ? { capture: 'environment' as const } : {})}
        onChange={(event) => {
          onFiles(Array.from(event.currentTarget.files ?? []));
          event.currentTarget.value = ''; // the same file may be chosen again
        }}
      />
      {children}
    </label>
  );
}
