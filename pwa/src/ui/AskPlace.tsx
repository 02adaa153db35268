/** Asked once, with the first answer: where are you? Until then the nation's rule is shown. */
import { t } from '../i18n';
import { change, settings } from '../store/settings';
import { openPlacePicker } from './PlacePicker';

export function AskPlace() {
  const m = t();
  if (settings.value.askedDepartment || settings.value.department !== null) return null;
  return (
    <div class="ask">
      <p>{m.answer.askPlace}</p>
      <div class="row">
        <button type="button" class="solid" onClick={openPlacePicker}>
          {m.place.none}
        </button>
        <button type="button" class="quiet" onClick={() => change({ askedDepartment: true })}>
          {m.answer.later}
        </button>
      </div>
    </div>
  );
}
