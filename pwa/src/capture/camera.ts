/** getUserMedia, files, paste, drop → pictures. */

export type CameraFailure = 'denied' | 'absent' | 'busy' | 'insecure';

export type CameraStart =
  | { readonly kind: 'live'; readonly stream: MediaStream }
  | { readonly kind: CameraFailure };

/** Open the camera that looks away from the person. Asks for permission where it has to. */
export async function startCamera(): Promise<CameraStart> {
  if (!canFilm()) return { kind: isSecureContext ? 'absent' : 'insecure' };
  try {
    const stream = await navigator.mediaDevices.getUserMedia({
      audio: false,
      video: { facingMode: { ideal: 'environment' }, width: { ideal: 1440 }, height: { ideal: 1080 } },
    });
    return { kind: 'live', stream };
  } catch (error) {
    return { kind: failureOf(error) };
  }
}

function failureOf(error: unknown): CameraFailure {
  const name = error instanceof DOMException ? error.name : '';
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'denied';
  return name === 'NotFoundError' || name === 'OverconstrainedError' ? 'absent' : 'busy';
}

/** Browsers hide the camera from pages that did not come by HTTPS or from this machine. */
function canFilm(): boolean {
  return 'mediaDevices' in navigator;
}

/** True when the camera may start without asking: it then does, else the person's tap asks. */
export async function cameraIsGranted(): Promise<boolean> {
  if (!canFilm() || !('permissions' in navigator)) return false;
  try {
    return (await navigator.permissions.query({ name: 'camera' })).state === 'granted';
  } catch (error) {
    if (error instanceof TypeError) return false; // this browser has no such permission to query
    throw error;
  }
}

export function stopCamera(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Framing {
  /** Side of the square that the model will see, in CSS pixels. */
  readonly side: number;
  readonly fit: 'cover' | 'contain';
}

/** The video fills its place where its square still fits inside, else it is shown whole. */
export function framing(video: Size, place: Size, crop: number): Framing {
  const room = Math.min(place.width, place.height);
  if (video.width === 0 || video.height === 0) return { side: room * crop, fit: 'cover' };
  const square = Math.min(video.width, video.height) * crop;
  const [across, down] = [place.width / video.width, place.height / video.height];
  const covering = square * Math.max(across, down);
  if (covering <= room) return { side: covering, fit: 'cover' };
  return { side: square * Math.min(across, down), fit: 'contain' };
}

/** The files of a paste or a drop; a page's picture dragged along comes as a file too. */
export function filesOf(transfer: DataTransfer | null): File[] {
  return transfer === null ? [] : Array.from(transfer.files);
}

/** HEIC has no media type in some browsers: an unknown type may still be a photo. */
export function mayBePhoto({ type, name }: { readonly type: string; readonly name: string }): boolean {
  return type.startsWith('image/') || (type === '' && /\.(heic|heif)$/i.test(name));
}
