/** Runs on the audio thread: hands on what the microphone hears, about 20 times a second. */

/** What the audio thread has, and no TypeScript library names. */
declare abstract class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void;

const BLOCK = 2048;

class Pcm extends AudioWorkletProcessor {
  #block = new Float32Array(BLOCK);
  #filled = 0;

  /** Called for each 128 samples; true keeps it running. */
  process([channels]: Float32Array[][]): boolean {
    const heard = channels?.[0]; // the node mixes down to one channel
    if (heard === undefined) return true;
    this.#block.set(heard, this.#filled);
    this.#filled += heard.length;
    if (this.#filled === BLOCK) {
      this.port.postMessage(this.#block, [this.#block.buffer]);
      this.#block = new Float32Array(BLOCK);
      this.#filled = 0;
    }
    return true;
  }
}

registerProcessor('pcm', Pcm);
