/** One sound and what was said about it: label, confidence, passages, opinions, a correction; or why not. */
import { useRef } from 'preact/hooks';
import { percent, t } from '../i18n';
import { online } from '../store/device';
import { choose, keepTake, remove, retry, sendWhole, takeBack, wishOf, type Take, type TakeFailure } from '../tasks/takes';
import type { Ranked, SoundAnswer, SoundTask } from '../tasks/task';
import { AskConsent } from './AskConsent';
import { AskVoice } from './AskVoice';
import { Corrector } from './Corrector';
import { HeardHeading } from './HeardHeading';
import { Icon, type IconName } from './Icon';
import { labelName } from './material';
import { Notice } from './Notice';
import { Opinions } from './Opinions';
import { usePlayback, type Playback } from './playback';
import { SoundPlots } from './SoundPlots';
import { tintOf } from './tint';
import { Track } from './Track';
import { openVoiceNotice } from './VoiceNotice';

interface Props {
  readonly take: Take;
  readonly index: number;
}

export function Heard({ take, index }: Props) {
  const m = t().listen;
  const { progress } = take;
  const playback = usePlayback(take);
  return (
    <article class="answer heard" data-state={progress.kind} aria-label={m.sound(index)}>
      <header class="answer-head">
        <PlayButton take={take} playback={playback} />
        <HeardHeading take={take} />
        <button type="button" class="quiet icon-only" aria-label={m.remove} onClick={() => remove(take.id)}>
          <Icon name="close" />
        </button>
      </header>
      {progress.kind === 'answered' && <Answered take={take} answer={progress.answer} playback={playback} />}
      {progress.kind === 'failed' && <Refused take={take} failure={progress.failure} />}
    </article>
  );
}

function PlayButton({ take, playback }: { readonly take: Take; readonly playback: Playback }) {
  const m = t().listen;
  const playing = playback.playing.value;
  const { file, sound, progress } = take;
  if (sound === null && (file === null || progress.kind === 'failed')) return <span class="play-none" />;
  return (
    <button
      type="button"
      class="play"
      aria-label={playing ? m.pause : m.play}
      onClick={() => (playing ? playback.pause() : playback.play())}
    >
      <Icon name={playing ? 'pause' : 'play'} />
    </button>
  );
}

interface AnsweredProps extends Pick<Props, 'take'> {
  readonly answer: SoundAnswer;
  readonly playback: Playback;
}

function Answered({ take, answer, playback }: AnsweredProps) {
  const m = t();
  const { task } = take;
  const seconds = useSeconds(take, answer);
  return (
    <>
      <Ranks task={task} top={answer.top} />
      {task === 'emotion' && <Care answer={answer} />}
      <Track task={task} sound={take.sound} windows={answer.windows} seconds={seconds} playback={playback} />
      <Corrector
        id={`corrector-${take.id}`}
        task={task}
        said={answer.kind === 'label' ? answer.label : null}
        top={answer.top}
        wish={wishOf(take)}
        onChoose={(label) => choose(take, label)}
        onUndo={() => takeBack(take)}
      />
      {task === 'emotion' ? <AskVoice take={take} /> : <AskConsent scan={take} />}
      {take.unkept && (
        <Notice icon="alert">
          <p>{m.listen.unkept}</p>
          <button type="button" class="solid" onClick={() => void keepTake(take.id)}>
            <Icon name="retry" /> {m.listen.retry}
          </button>
        </Notice>
      )}
      <Opinions take={take} answer={answer} />
      <SoundPlots take={take} />
      <footer class="answer-foot">
        <a class="badge" href={`#/modele/${task}`}>
          {m.answer[answer.origin]} · {m.answer.version(answer.version)}
          <Icon name="next" />
        </a>
        <small>{m.listen.heard(Math.round(seconds))}</small>
      </footer>
    </>
  );
}

/** How long the sound is, also when its samples are not held any more. */
function useSeconds({ sound }: Take, { windows }: SoundAnswer): number {
  const known = useRef(0);
  if (sound !== null) known.current = sound.samples.length / sound.rate;
  return known.current > 0 ? known.current : (windows.at(-1)?.end_s ?? 0);
}

/** The three nearest, as bars. */
function Ranks({ task, top }: { readonly task: SoundTask; readonly top: readonly Ranked[] }) {
  return (
    <ol class="ranks" aria-label={t().listen.top}>
      {top.map(({ label, score }) => {
        const tint = tintOf(task, label);
        return (
          <li key={label}>
            <span>{labelName(task, label)}</span>
            <span class="rank-bar" aria-hidden="true">
              <span class="tint" data-pattern={tint['data-pattern']} style={{ ...tint.style, width: `${score * 100}%` }} />
            </span>
            <span class="rank-share">{percent(score)}</span>
          </li>
        );
      })}
    </ol>
  );
}

/** An emotion is a guess about a tone, and says how good a guess. */
function Care({ answer }: { readonly answer: SoundAnswer }) {
  const m = t();
  return (
    <div class="care">
      <p>
        {m.listen.tone} {answer.kind === 'label' && m.listen.inTen(Math.round(answer.score * 10))}
      </p>
      <button type="button" class="quiet" onClick={openVoiceNotice}>
        <Icon name="info" /> {m.voice.again}
      </button>
    </div>
  );
}

const SIGNS: Partial<Record<TakeFailure, IconName>> = {
  'no-answer': 'offline',
  'no-model': 'offline',
  'no-music': 'music',
  'no-speech': 'voice',
  silent: 'microphone',
  clipped: 'sound',
  'too-short': 'clock',
};

const MAY_HELP: readonly TakeFailure[] = ['no-model', 'no-answer', 'throttled', 'busy', 'other'];

function Refused({ take, failure }: { readonly take: Take; readonly failure: TakeFailure }) {
  const m = t().listen;
  const sendable = failure === 'undecodable' && take.file !== null;
  return (
    <Notice icon={SIGNS[failure] ?? 'info'} title={m.refused[failure]}>
      <p>
        {m.refusedHelp[failure]} {sendable && (online.value ? m.sendHelp : m.sendOffline)}
      </p>
      {sendable && online.value && (
        <button type="button" class="solid" onClick={() => sendWhole(take)}>
          {m.send}
        </button>
      )}
      {MAY_HELP.includes(failure) && (
        <button type="button" class="solid" onClick={() => retry(take)}>
          <Icon name="retry" /> {m.retry}
        </button>
      )}
    </Notice>
  );
}
