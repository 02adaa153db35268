/** A voice is kept only if its person, having corrected it, says so of this very recording. */
import { useState } from 'preact/hooks';
import { t } from '../i18n';
import { mayKeep } from '../store/account';
import { spokenAbout } from '../tasks/consents';
import { agreeToSend, wishOf, type Take } from '../tasks/takes';
import { announce } from './announce';
import { openConsents } from './ConsentSheet';

export function AskVoice({ take }: { readonly take: Take }) {
  const m = t().listen;
  const [declined, decline] = useState(false);
  if (wishOf(take) === null || declined) return null;
  if (take.agreed && mayKeep.value) return <p class="small">{m.voiceSent}</p>;
  if (spokenAbout.value !== take.id) return null;
  const agree = async (): Promise<void> => {
    await agreeToSend(take);
    if (mayKeep.value) announce(m.voiceSent);
    else openConsents(); // to keep anything at all needs a yes of its own
  };
  return (
    <div class="ask ask-consent">
      <p>{m.voiceAsk}</p>
      <div class="pair">
        <button
          type="button"
          class="solid"
          onClick={() => {
            announce(m.voiceForgotten);
            decline(true);
          }}
        >
          {m.voiceNo}
        </button>
        <button type="button" class="solid" onClick={() => void agree()}>
          {m.voiceYes}
        </button>
      </div>
    </div>
  );
}
