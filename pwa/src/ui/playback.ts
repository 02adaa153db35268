/** A sound that can be heard, whole or in part; one at a time. */
import { signal, type ReadonlySignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { encodeWav } from '../capture/wav';
import type { Take } from '../tasks/takes';

export interface Playback {
  readonly playing: ReadonlySignal<boolean>;
  readonly position_s: ReadonlySignal<number>;
  /** From there, else from where it stood; to there, else to its end. */
  play(from_s?: number, to_s?: number): void;
  pause(): void;
}

const now: { heard: Player | null } = { heard: null };

/** Of a take's file, or of its recording; gone with the component. */
export function usePlayback({ id, file, sound }: Take): Playback {
  const own = useMemo(
    () => new Player(() => file ?? (sound === null ? null : new Blob([encodeWav(sound)], { type: 'audio/wav' }))),
    // A recording's sound stays; a file is played as it is.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [id],
  );
  useEffect(() => () => own.end(), [own]);
  return own;
}

class Player implements Playback {
  readonly playing = signal(false);
  readonly position_s = signal(0);
  #audio: HTMLAudioElement | undefined;
  #end_s = Infinity;
  #frame = 0;

  constructor(private readonly source: () => Blob | null) {}

  play(from_s?: number, to_s = Infinity): void {
    const audio = this.#ready();
    if (audio === null) return;
    now.heard?.pause();
    now.heard = this;
    this.#end_s = to_s;
    if (from_s !== undefined) audio.currentTime = from_s;
    else if (audio.ended) audio.currentTime = 0;
    audio.play().then(
      () => {
        this.playing.value = true;
        this.#follow();
      },
      () => this.pause(), // a format this browser decodes but does not play, or stopped at once
    );
  }

  pause(): void {
    cancelAnimationFrame(this.#frame);
    this.#audio?.pause();
    this.playing.value = false;
  }

  end(): void {
    this.pause();
    if (now.heard === this) now.heard = null;
    if (this.#audio !== undefined) URL.revokeObjectURL(this.#audio.src);
    this.#audio = undefined;
  }

  #ready(): HTMLAudioElement | null {
    if (this.#audio !== undefined) return this.#audio;
    const blob = this.source();
    if (blob === null) return null;
    this.#audio = new Audio(URL.createObjectURL(blob));
    return this.#audio;
  }

  #follow(): void {
    this.#frame = requestAnimationFrame(() => {
      const audio = this.#audio;
      if (audio === undefined) return;
      this.position_s.value = audio.currentTime;
      if (audio.ended || audio.currentTime >= this.#end_s) this.pause();
      else this.#follow();
    });
  }
}
