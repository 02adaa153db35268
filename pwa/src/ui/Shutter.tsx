/** The one big button and, on its sides, the two other ways to a photo: always offered. */
import { t } from '../i18n';
import { Icon } from './Icon';
import { Pick } from './Pick';

interface Props {
  /** What a press does; without a camera the phone's own camera app takes the photo instead. */
  readonly shutter: { readonly label: string; readonly press: () => void } | null;
  readonly busy: boolean;
  readonly onFiles: (files: File[]) => void;
}

export function Shutter({ shutter, busy, onFiles }: Props) {
  const { camera } = t();
  return (
    <div class="controls">
      <Pick class="side-control" label={camera.files} onFiles={onFiles}>
        <span class="disc">
          <Icon name="images" />
        </span>
        {camera.filesShort}
      </Pick>
      {shutter === null ? (
        <Pick capture class="shutter" label={camera.native} onFiles={onFiles}>
          <span class="ring">
            <Icon name="camera" />
          </span>
          <span class="shutter-label">{camera.shoot}</span>
        </Pick>
      ) : (
        <button type="button" class="shutter" disabled={busy} onClick={shutter.press}>
          <span class="ring" />
          <span class="shutter-label">{shutter.label}</span>
        </button>
      )}
      <Pick capture class="side-control" label={camera.native} onFiles={onFiles}>
        <span class="disc">
          <Icon name="camera" />
        </span>
        {camera.nativeShort}
      </Pick>
    </div>
  );
}
