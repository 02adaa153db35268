/** Fingers and wheel on a picture: two enlarge, one moves what is enlarged, Ctrl and wheel do as two fingers. */
import type { Signal } from '@preact/signals';
import { MARGIN } from '../sound/axes';
import { moved, zoomed, type View } from '../sound/view';

/** Of the wheel's own unit, for twice as large. */
const WHEEL_PER_DOUBLE = 240;

/** Until told to stop. */
export function follow(picture: HTMLElement, view: Signal<View>, seconds: number): () => void {
  const fingers = new Map<number, number>();
  const inside = (): number => Math.max(1, picture.clientWidth - MARGIN.left - MARGIN.right);
  const shareOf = (clientX: number): number =>
    Math.min(1, Math.max(0, (clientX - picture.getBoundingClientRect().left - MARGIN.left) / inside()));

  const down = (event: PointerEvent): void => {
    fingers.set(event.pointerId, event.clientX);
    picture.setPointerCapture(event.pointerId);
  };
  const move = (event: PointerEvent): void => {
    const before = fingers.get(event.pointerId);
    if (before === undefined) return;
    const others = [...fingers].filter(([id]) => id !== event.pointerId);
    fingers.set(event.pointerId, event.clientX);
    const still = others[0]?.[1];
    if (still === undefined) {
      view.value = moved(view.value, (before - event.clientX) / inside(), seconds);
      return;
    }
    const [apart, now] = [Math.abs(before - still), Math.abs(event.clientX - still)];
    if (apart < 10 || now < 10) return;
    view.value = zoomed(view.value, now / apart, shareOf((event.clientX + still) / 2), seconds);
  };
  const up = (event: PointerEvent): void => void fingers.delete(event.pointerId);
  const wheel = (event: WheelEvent): void => {
    if (!event.ctrlKey && !event.metaKey) {
      if (Math.abs(event.deltaX) <= Math.abs(event.deltaY)) return; // the page scrolls on
      event.preventDefault();
      view.value = moved(view.value, event.deltaX / inside(), seconds);
      return;
    }
    event.preventDefault();
    view.value = zoomed(view.value, 2 ** (-event.deltaY / WHEEL_PER_DOUBLE), shareOf(event.clientX), seconds);
  };

  picture.addEventListener('pointerdown', down);
  picture.addEventListener('pointermove', move);
  for (const end of ['pointerup', 'pointercancel'] as const) picture.addEventListener(end, up);
  picture.addEventListener('wheel', wheel, { passive: false });
  return () => {
    picture.removeEventListener('pointerdown', down);
    picture.removeEventListener('pointermove', move);
    for (const end of ['pointerup', 'pointercancel'] as const) picture.removeEventListener(end, up);
    picture.removeEventListener('wheel', wheel);
  };
}
