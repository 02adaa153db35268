/** Read before the first voice is listened to, and later whenever somebody wants to. */
import { signal } from '@preact/signals';
import { t } from '../i18n';
import { change } from '../store/settings';
import { Icon, type IconName } from './Icon';
import { Sheet } from './Sheet';

/** One for each point. */
const SIGNS: readonly IconName[] = ['person', 'learned', 'info', 'alert', 'phone'];

const open = signal(false);

export function openVoiceNotice(): void {
  open.value = true;
}

/** In the place of the microphone, which nobody reaches without having read this. */
export function VoiceNotice({ onBack }: { readonly onBack: () => void }) {
  const m = t().voice;
  return (
    <section class="voice-notice" aria-labelledby="voice-title">
      <h2 id="voice-title">{m.title}</h2>
      <Points />
      <div class="pair">
        <button type="button" class="solid outline" onClick={onBack}>
          {m.back}
        </button>
        <button type="button" class="solid" onClick={() => change({ knowsVoice: true })}>
          {m.ok}
        </button>
      </div>
    </section>
  );
}

export function VoiceSheet() {
  return (
    <Sheet open={open} id="voice-sheet" title={t().voice.title}>
      <div class="consents-text" tabIndex={0}>
        <Points />
      </div>
    </Sheet>
  );
}

function Points() {
  const m = t().voice;
  return (
    <>
      <ul class="points">
        {m.points.map(({ title, text }, i) => (
          <li key={title}>
            <Icon name={SIGNS[i] ?? 'info'} />
            <div>
              <strong>{title}</strong>
              <p>{text}</p>
            </div>
          </li>
        ))}
      </ul>
      <p class="small">{m.law}</p>
    </>
  );
}
