/** Where the links of mails lead: a new password, a verified address. */
import { useState } from 'preact/hooks';
import { OfflineError, ProblemError } from '../api/client';
import { setNewPassword, verifyEmail } from '../api/people';
import { t } from '../i18n';
import { routeKey, ROUTES } from '../router';
import { LoginForm } from '../ui/LoginForm';

export function NewPassword() {
  const m = t();
  const [done, setDone] = useState(false);
  return (
    <div class="page">
      <h1 tabIndex={-1}>{m.title.password}</h1>
      <section class="block">
        {done ? (
          <p role="status">{m.account.newPasswordDone}</p>
        ) : (
          <LoginForm
            id="new"
            asks="password"
            password="new-password"
            button={m.account.newPassword}
            onSubmit={async (_email, password) => {
              await setNewPassword(routeKey.value, password);
              setDone(true);
            }}
          />
        )}
        <ToAccount />
      </section>
    </div>
  );
}

export function VerifyEmail() {
  const m = t();
  const [state, setState] = useState<'idle' | 'done' | 'offline' | 'bad-key'>('idle');
  const verify = async (): Promise<void> => {
    try {
      await verifyEmail(routeKey.value);
      setState('done');
    } catch (error) {
      if (error instanceof OfflineError) setState('offline');
      else if (error instanceof ProblemError) setState('bad-key');
      else throw error;
    }
  };
  return (
    <div class="page">
      <h1 tabIndex={-1}>{m.title.email}</h1>
      <section class="block">
        {state === 'done' ? (
          <p role="status">{m.account.verified}</p>
        ) : (
          <button type="button" class="solid" onClick={() => void verify()}>
            {m.account.verify}
          </button>
        )}
        {state === 'offline' && <p role="alert">{m.account.failed.offline}</p>}
        {state === 'bad-key' && <p role="alert">{m.account.badKey}</p>}
        <ToAccount />
      </section>
    </div>
  );
}

function ToAccount() {
  return <a href={ROUTES.account}>{t().title.account}</a>;
}
