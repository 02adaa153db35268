/** The live picture with the square that the model will see, or why there is none. */
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { framing, type CameraFailure, type Framing } from '../capture/camera';
import { t } from '../i18n';
import { mayKeep } from '../store/account';
import { modelOf } from '../tasks/models';
import { Icon } from './Icon';

export type CameraState =
  | { readonly kind: 'off' | 'starting' | CameraFailure }
  | { readonly kind: 'live'; readonly stream: MediaStream };

interface Props {
  readonly camera: CameraState;
  readonly crop: number;
  /** Gives the video element out, so that the shutter can take its picture. */
  readonly onVideo: (video: HTMLVideoElement | null) => void;
  readonly onRetry: () => void;
}

export function Viewfinder({ camera, crop, onVideo, onRetry }: Props) {
  return (
    <div class="viewfinder" data-camera={camera.kind}>
      {camera.kind === 'live' ? (
        <Live stream={camera.stream} crop={crop} onVideo={onVideo} />
      ) : (
        <Still kind={camera.kind} onRetry={onRetry} />
      )}
    </div>
  );
}

interface LiveProps extends Pick<Props, 'crop' | 'onVideo'> {
  readonly stream: MediaStream;
}

function Live({ stream, crop, onVideo }: LiveProps) {
  const video = useRef<HTMLVideoElement>(null);
  const [{ side, fit }, setFraming] = useState<Framing>({ side: 0, fit: 'cover' });
  useLayoutEffect(() => {
    const element = video.current;
    if (element === null) return;
    const measure = (): void => {
      const { videoWidth: width, videoHeight: height } = element;
      const place = { width: element.clientWidth, height: element.clientHeight };
      setFraming(framing({ width, height }, place, crop));
    };
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    element.addEventListener('resize', measure);
    return () => {
      observer.disconnect();
      element.removeEventListener('resize', measure);
    };
  }, [crop]);
  useEffect(() => {
    const element = video.current;
    if (element === null) return;
    element.srcObject = stream;
    onVideo(element);
    return () => onVideo(null);
  }, [stream, onVideo]);
  return (
    <>
      <video
        ref={video}
        style={{ objectFit: fit }}
        autoplay
        muted
        playsinline
        aria-label={t().camera.viewfinder}
      />
      <div class="frame" style={{ width: `${side}px`, height: `${side}px` }} aria-hidden="true">
        <i />
        <i />
        <i />
        <i />
      </div>
      <p class="aim">{t().camera.aim}</p>
    </>
  );
}

/** What happens to a photo, as things stand. */
function promise(): string {
  const { camera } = t();
  if (mayKeep.value) return camera.promiseKept;
  return modelOf('waste').entry.value === null ? camera.promiseBefore : camera.promise;
}

function Still({ kind, onRetry }: { readonly kind: Exclude<CameraState['kind'], 'live'>; readonly onRetry: () => void }) {
  const { camera } = t();
  if (kind === 'starting') {
    return (
      <div class="still" role="status">
        <div class="sieve" aria-hidden="true" />
        <p>{camera.starting}</p>
      </div>
    );
  }
  if (kind === 'off') {
    return (
      <div class="still">
        <Icon name="scan" />
        <p class="still-title">{camera.aim}</p>
        <p>{promise()}</p>
      </div>
    );
  }
  return (
    <div class="still" role="status">
      <Icon name="camera" />
      <p class="still-title">{camera[kind]}</p>
      <p>{camera[`${kind}Help`]}</p>
      {(kind === 'denied' || kind === 'busy') && (
        <button type="button" class="solid inverse" onClick={onRetry}>
          <Icon name="retry" /> {camera.retry}
        </button>
      )}
    </div>
  );
}
