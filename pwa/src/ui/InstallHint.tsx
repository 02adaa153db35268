/** Offered under the answers once there are some, until it is accepted or put away. */
import { t } from '../i18n';
import { installPrompt } from '../store/device';
import { change, settings } from '../store/settings';

export function InstallHint() {
  const { install, answer } = t();
  const prompt = installPrompt.value;
  if (prompt === null || settings.value.dismissedInstall) return null;
  return (
    <div class="hint">
      <p>{install.hint}</p>
      <div class="row">
        <button type="button" class="solid" onClick={() => void prompt.prompt()}>
          {install.apply}
        </button>
        <button type="button" class="quiet" onClick={() => change({ dismissedInstall: true })}>
          {answer.later}
        </button>
      </div>
    </div>
  );
}
