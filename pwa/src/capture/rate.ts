/** The sample rate a file claims, read from its first bytes: a hint, never a limit. */

/** Rates whose ratio to the models' is a short one; others the browser resamples while decoding. */
const ORDINARY = new Set([8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 88200, 96000]);

const HEAD_BYTES = 65_536;
/** How a WebM begins. */
const EBML = 0x1a45dfa3;
const MP3_RATES = [44100, 48000, 32000];

/** Hz, or null where the file does not say, or says something odd. */
export function rateOf(bytes: Uint8Array<ArrayBuffer>): number | null {
  const head = bytes.subarray(0, HEAD_BYTES);
  const rate = claimed(head, new DataView(head.buffer, head.byteOffset, head.byteLength), bytes);
  return rate !== null && ORDINARY.has(rate) ? rate : null;
}

function claimed(head: Uint8Array, view: DataView, bytes: Uint8Array): number | null {
  const mark = text(head, 0, 4);
  if (mark === 'RIFF' || mark === 'RF64') {
    const format = find(head, 'fmt ');
    return number(view, format < 0 ? -1 : format + 12, (at) => view.getUint32(at, true));
  }
  if (mark === 'fLaC') return number(view, 18, (at) => view.getUint32(at) >>> 12);
  if (mark === 'OggS') {
    if (find(head, 'OpusHead') >= 0) return 48_000; // whatever went in, Opus gives 48 kHz
    const vorbis = find(head, '\x01vorbis');
    return number(view, vorbis < 0 ? -1 : vorbis + 12, (at) => view.getUint32(at, true));
  }
  if (number(view, 0, (at) => view.getUint32(at)) === EBML) return 48_000; // WebM of a recorder: Opus
  if (text(head, 4, 8) === 'ftyp') return mp4Rate(bytes);
  return mp3Rate(bytes);
}

/** The first sound's entry holds its rate as 16.16 fixed point. */
function mp4Rate(bytes: Uint8Array): number | null {
  const entry = find(bytes, 'mp4a');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return number(view, entry < 0 ? -1 : entry + 28, (at) => view.getUint16(at));
}

/** The first frame's header, behind the tags if there are any. */
function mp3Rate(bytes: Uint8Array): number | null {
  const tagged = text(bytes, 0, 3) === 'ID3' && bytes.length > 10;
  const sizes = tagged ? Array.from(bytes.subarray(6, 10)) : [];
  const start = tagged ? 10 + sizes.reduce((size, byte) => (size << 7) | (byte & 0x7f), 0) : 0;
  if (bytes.length < start + 4) return null;
  const [sync = 0, version = 0, rates = 0] = bytes.subarray(start, start + 3);
  if (sync !== 0xff || (version & 0xe0) !== 0xe0 || (version & 0x06) === 0) return null;
  const full = MP3_RATES[(rates >> 2) & 3];
  const lower = { 3: 1, 2: 2, 0: 4 }[(version >> 3) & 3]; // MPEG 1, 2 and 2.5
  return full === undefined || lower === undefined ? null : full / lower;
}

function number(view: DataView, at: number, read: (at: number) => number): number | null {
  return at >= 0 && at + 4 <= view.byteLength ? read(at) : null;
}

function text(bytes: Uint8Array, start: number, end: number): string {
  return String.fromCharCode(...bytes.subarray(start, end));
}

/** The place of some ASCII bytes, or -1. */
function find(bytes: Uint8Array, word: string): number {
  const first = word.charCodeAt(0);
  for (let at = bytes.indexOf(first); at >= 0; at = bytes.indexOf(first, at + 1)) {
    if (text(bytes, at, at + word.length) === word) return at;
  }
  return -1;
}
