/** The second door: a sound from the microphone or from files; which music it is, or in which tone a voice speaks. */
import { computed, effect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { percent, t } from '../i18n';
import { go, routeKey } from '../router';
import { settings } from '../store/settings';
import { prepareListen } from '../tasks/listen';
import { addFiles, remove, takes } from '../tasks/takes';
import type { SoundTask } from '../tasks/task';
import { announce } from '../ui/announce';
import { DropZone } from '../ui/DropZone';
import { Heard } from '../ui/Heard';
import { Icon } from '../ui/Icon';
import { labelName } from '../ui/material';
import { ModelStatus } from '../ui/ModelStatus';
import { Recorder, RecorderControls } from '../ui/Recorder';
import { recording } from '../ui/recording';
import { openVoiceNotice, VoiceNotice, VoiceSheet } from '../ui/VoiceNotice';
import './listen.css';

/** "#/ecouter" is music, "#/ecouter/voix" is a voice. */
const VOICE = 'voix';
const mode = computed<SoundTask>(() => (routeKey.value === VOICE ? 'emotion' : 'genre'));

const MODES = [
  { task: 'genre', icon: 'music' },
  { task: 'emotion', icon: 'voice' },
] as const;

export function Listen() {
  const m = t();
  const task = mode.value;
  const shown = takes.value.filter((take) => take.task === task);
  const barred = task === 'emotion' && !settings.value.knowsVoice;
  const busy = recording.value.kind !== 'off';
  const screen = useRef<HTMLDivElement>(null);
  useModels();
  useAnnouncedAnswers();
  const live = recording.value.kind === 'live';
  useEffect(() => {
    // This screen comes a moment after the tap that opened it.
    if (document.activeElement !== document.body) screen.current?.querySelector('h1')?.focus({ preventScroll: true });
  }, []);
  useEffect(() => {
    if (live) screen.current?.closest('main')?.scrollTo(0, 0); // where the sound is seen coming in
  }, [live]);
  const take = (files: File[]): void => {
    if (files.length > 0 && !barred) addFiles(task, files);
  };
  return (
    <div ref={screen} class="listen" data-answers={shown.length > 0} data-busy={busy} data-barred={barred}>
      <h1 class="unseen" tabIndex={-1}>
        {m.title.listen}
      </h1>
      <section class="listen-stage" aria-label={m.nav.listen}>
        <Modes task={task} />
        {barred ? (
          <VoiceNotice onBack={() => go('listen')} />
        ) : (
          <>
            <Recorder task={task} />
            <div class="under">
              <ModelStatus task={task} />
              {task === 'emotion' && (
                <button type="button" class="quiet" onClick={openVoiceNotice}>
                  <Icon name="info" /> {m.voice.short}
                </button>
              )}
            </div>
          </>
        )}
      </section>
      {!barred && (
        <section class="listen-answers" aria-label={m.listen.answers}>
          <Answers task={task} />
        </section>
      )}
      {!barred && (
        <div class="listen-controls">
          <RecorderControls task={task} onFiles={take} />
        </div>
      )}
      <DropZone icon="sound" text={m.listen.drop} onFiles={take} />
      <VoiceSheet />
    </div>
  );
}

function Modes({ task }: { readonly task: SoundTask }) {
  const m = t().listen;
  return (
    <fieldset class="listen-modes">
      <legend class="unseen">{m.modes.label}</legend>
      <div class="segments">
        {MODES.map(({ task: one, icon }) => (
          <label key={one}>
            <input
              type="radio"
              name="listen-mode"
              checked={one === task}
              onChange={() => go('listen', one === 'emotion' ? VOICE : '')}
            />
            <span class="segment">
              <Icon name={icon} /> {m.modes[one]}
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function Answers({ task }: { readonly task: SoundTask }) {
  const m = t().listen;
  const all = takes.value.filter((take) => take.task === task);
  if (all.length === 0) {
    return (
      <p class="empty">
        <Icon name="sound" />
        {m.hint[task]}
      </p>
    );
  }
  const waiting = all.filter(({ progress }) => !['answered', 'failed'].includes(progress.kind)).length;
  const done = all.length - waiting;
  return (
    <>
      {all.length > 1 && (
        <div class="row spread batch">
          <label>
            {m.progress(done, all.length)}
            {waiting > 0 && <progress max={all.length} value={done} />}
          </label>
          <button type="button" class="quiet" onClick={() => all.forEach(({ id }) => remove(id))}>
            {m.clear}
          </button>
        </div>
      )}
      <ol class="answers">
        {all.map((take, i) => (
          <li key={take.id}>
            <Heard take={take} index={all.length - i} />
          </li>
        ))}
      </ol>
    </>
  );
}

/** Both models come once this screen is opened, the one that is needed first: offline, both then answer. */
function useModels(): void {
  useEffect(() => {
    const [first, second] = mode.value === 'genre' ? (['genre', 'emotion'] as const) : (['emotion', 'genre'] as const);
    void prepareListen(first).then(() => prepareListen(second));
  }, []);
}

/** Says each new answer once, for those who do not see it. */
function useAnnouncedAnswers(): void {
  const said = useRef(new Set(takes.peek().map(({ id }) => id)));
  useEffect(
    () =>
      effect(() => {
        for (const { id, task, progress } of takes.value) {
          if ((progress.kind !== 'answered' && progress.kind !== 'failed') || said.current.has(id)) continue;
          said.current.add(id);
          const m = t().listen;
          if (progress.kind === 'failed') announce(`${m.failed}. ${m.refused[progress.failure]}`);
          else if (progress.answer.kind === 'unsure') announce(`${m.unsure}. ${m.unsureHelp[task]}`);
          else announce(m.answered(labelName(task, progress.answer.label), percent(progress.answer.score)));
        }
      }),
    [],
  );
}
