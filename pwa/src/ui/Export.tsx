/** Everything the server has of this person, as one file. */
import { useState } from 'preact/hooks';
import { OfflineError, ProblemError } from '../api/client';
import { exportAll } from '../api/people';
import { t } from '../i18n';
import { account } from '../store/account';
import { Icon } from './Icon';

export function Export() {
  const m = t().history;
  const [state, setState] = useState<'idle' | 'busy' | 'failed'>('idle');
  if (account.value.pseudonym === null) return null;
  const fetchIt = async (): Promise<void> => {
    setState('busy');
    try {
      download(await exportAll(), 'tamis.zip');
      setState('idle');
    } catch (error) {
      if (!(error instanceof OfflineError || error instanceof ProblemError)) throw error;
      setState('failed');
    }
  };
  return (
    <>
      <button type="button" class="list-row" disabled={state === 'busy'} onClick={() => void fetchIt()}>
        <Icon name="download" />
        <span>{state === 'busy' ? m.exporting : m.export}</span>
      </button>
      {state === 'failed' && <p role="alert">{m.exportFailed}</p>}
    </>
  );
}

function download(file: Blob, name: string): void {
  const url = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000); // once the browser has written it
}
