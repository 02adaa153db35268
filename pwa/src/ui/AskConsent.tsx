/** Asked once, beside the first answer a person gives: may it be kept, may it teach? */
import { t } from '../i18n';
import { account } from '../store/account';
import { declineConsents, spokenAbout } from '../tasks/consents';
import { openConsents } from './ConsentSheet';

/** A photo or a sound of this visit. */
interface Spoken {
  readonly id: string;
}

export function asksConsent({ id }: Spoken): boolean {
  const { asked, allows } = account.value;
  return !asked && allows.store === null && spokenAbout.value === id;
}

export function AskConsent({ scan }: { readonly scan: Spoken }) {
  const m = t().consent;
  if (!asksConsent(scan)) return null;
  return (
    <div class="ask ask-consent">
      <p>{m.ask}</p>
      <div class="pair">
        <button type="button" class="solid" onClick={() => void declineConsents()}>
          {m.no}
        </button>
        <button type="button" class="solid" onClick={openConsents}>
          {m.look}
        </button>
      </div>
    </div>
  );
}
