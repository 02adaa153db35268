/** Asked once, beside the first answer a person gives: may it be kept, may it teach? */
import { t } from '../i18n';
import { account } from '../store/account';
import { declineConsents, spokenAbout, type Scan } from '../tasks/scans';
import { openConsents } from './ConsentSheet';

export function asksConsent({ id }: Scan): boolean {
  const { asked, allows } = account.value;
  return !asked && allows.store === null && spokenAbout.value === id;
}

export function AskConsent({ scan }: { readonly scan: Scan }) {
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
