/** Finds the department from the device's position. The position is used once and forgotten. */
import { request } from '../api/client';
import { departmentAt, parseOutlines } from './outlines';

export type Located =
  | { readonly kind: 'found'; readonly code: string }
  | { readonly kind: 'denied' | 'unavailable' | 'abroad' };

export async function locate(): Promise<Located> {
  const outlines = request('/outlines.bin').then((response) => response.arrayBuffer());
  const position = await currentPosition();
  if (typeof position === 'string') {
    outlines.catch(() => undefined); // not needed any more
    return { kind: position };
  }
  const { longitude, latitude } = position.coords;
  const code = departmentAt(parseOutlines(await outlines), longitude, latitude);
  return code === null ? { kind: 'abroad' } : { kind: 'found', code };
}

function currentPosition(): Promise<GeolocationPosition | 'denied' | 'unavailable'> {
  if (!('geolocation' in navigator)) return Promise.resolve('unavailable');
  return new Promise((resolve) => {
    navigator.geolocation.getCurrentPosition(
      resolve,
      ({ code }) => resolve(code === GeolocationPositionError.PERMISSION_DENIED ? 'denied' : 'unavailable'),
      { timeout: 15_000, maximumAge: 600_000 }, // a department is large: a coarse, old fix will do
    );
  });
}
