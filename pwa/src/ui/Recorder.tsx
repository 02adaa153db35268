/** Where a sound is recorded: what comes in, or why nothing does; and the one big button. */
import { useSignalEffect } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import type { Microphone, MicrophoneProblem } from '../capture/microphone';
import { t } from '../i18n';
import { mayKeep } from '../store/account';
import type { SoundTask } from '../tasks/task';
import { Icon } from './Icon';
import { LiveSpectrogram } from './LiveSpectrogram';
import { Pick } from './Pick';
import { cancelRecording, LIMIT_S, recording, startRecording, stopRecording } from './recording';

interface Props {
  readonly task: SoundTask;
}

const SOUNDS = 'audio/*,video/mp4,video/webm,.flac,.opus,.oga,.m4a,.weba';

export function Recorder({ task }: Props) {
  const state = recording.value;
  useEffect(() => cancelRecording, [task]); // nobody is recorded unseen
  return (
    <div class="viewfinder stage" data-microphone={state.kind}>
      {state.kind === 'live' ? <Live task={task} microphone={state.microphone} /> : <Still task={task} />}
    </div>
  );
}

function Live({ task, microphone }: Props & { readonly microphone: Microphone }) {
  const m = t().listen;
  const most = LIMIT_S[task];
  const done = Math.min(most, Math.floor(microphone.seconds.value));
  return (
    <>
      <LiveSpectrogram microphone={microphone} limit_s={most} />
      <p class="elapsed">
        <span class="dot" aria-hidden="true" />
        <span>{m.elapsed(done, most)}</span>
      </p>
      <Level microphone={microphone} />
    </>
  );
}

/** How long a peak is remembered: what is said of the level must stand still enough to be read. */
const HOLD_MS = 900;

function Level({ microphone }: { readonly microphone: Microphone }) {
  const m = t().listen;
  const [peak, setPeak] = useState({ level: 0, at: 0 });
  useSignalEffect(() => {
    const { value } = microphone.level;
    const now = performance.now();
    setPeak((held) => (value >= held.level || now - held.at > HOLD_MS ? { level: value, at: now } : held));
  });
  const word = peak.level < 0.004 ? 'silent' : peak.level < 0.06 ? 'low' : peak.level < 0.985 ? 'good' : 'loud';
  // By ratios, as the ear has it: 60 dB from end to end.
  const share = Math.min(1, Math.max(0, 1 + Math.log10(Math.max(1e-3, microphone.level.value)) / 3));
  return (
    <p class="level" data-level={word}>
      <span class="level-bar" aria-hidden="true">
        <span style={{ width: `${share * 100}%` }} />
      </span>
      <span class="unseen">{m.level}</span>
      <span>{m.levels[word]}</span>
    </p>
  );
}

const SIGNS = { genre: 'music', emotion: 'voice' } as const;

function Still({ task }: Props) {
  const m = t().listen;
  const state = recording.value;
  if (state.kind === 'starting') {
    return (
      <div class="still" role="status">
        <div class="sieve" aria-hidden="true" />
        <p>{m.starting}</p>
      </div>
    );
  }
  if (state.kind === 'lost') {
    return (
      <Trouble title={m.lost} help={state.heard ? m.lostHelp : m.lostNothing} task={task} again={!state.heard} />
    );
  }
  if (state.kind === 'off' || state.kind === 'live') {
    const kept = mayKeep.value ? m.promiseKept : m.promise;
    return (
      <div class="still">
        <Icon name={SIGNS[task]} />
        <p class="still-title">{m.aim[task]}</p>
        <p>{m.aimHelp[task]}</p>
        <p class="still-small">{task === 'emotion' ? m.promiseVoice : kept}</p>
      </div>
    );
  }
  return <Trouble {...problemWords(state.kind)} task={task} again={state.kind === 'denied' || state.kind === 'taken'} />;
}

function problemWords(kind: MicrophoneProblem['kind']): { title: string; help: string } {
  const m = t().listen;
  return { title: m[kind], help: m[`${kind}Help`] };
}

interface TroubleProps extends Props {
  readonly title: string;
  readonly help: string;
  /** True where trying again may help. */
  readonly again: boolean;
}

function Trouble({ title, help, task, again }: TroubleProps) {
  return (
    <div class="still" role="status">
      <Icon name="microphone" />
      <p class="still-title">{title}</p>
      <p>{help}</p>
      {again && (
        <button type="button" class="solid inverse" onClick={() => void startRecording(task)}>
          <Icon name="retry" /> {t().listen.retry}
        </button>
      )}
    </div>
  );
}

interface ControlsProps extends Props {
  readonly onFiles: (files: File[]) => void;
}

/** Under the thumb: files on one side, record or stop in the middle, a way back on the other. */
export function RecorderControls({ task, onFiles }: ControlsProps) {
  const m = t().listen;
  const { kind } = recording.value;
  const live = kind === 'live';
  return (
    <div class="controls">
      <Pick accept={SOUNDS} class="side-control" label={m.files} onFiles={onFiles}>
        <span class="disc">
          <Icon name="sound" />
        </span>
        {m.filesShort}
      </Pick>
      <button
        type="button"
        class="shutter record"
        data-live={live}
        disabled={kind === 'starting'}
        onClick={() => void (live ? stopRecording(task) : startRecording(task))}
      >
        <span class="ring">
          <Icon name={live ? 'stop' : 'microphone'} />
        </span>
        <span class="shutter-label">{live ? m.stop : m.start[task]}</span>
      </button>
      {live || kind === 'starting' ? (
        <button type="button" class="side-control" onClick={cancelRecording}>
          <span class="disc">
            <Icon name="close" />
          </span>
          {m.cancel}
        </button>
      ) : (
        <span />
      )}
    </div>
  );
}
