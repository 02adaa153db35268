/** Who this phone is to the server, what it allows, the way back, and the way out. */
import { useEffect, useState } from 'preact/hooks';
import { OfflineError, ProblemError } from '../api/client';
import { askNewPassword } from '../api/people';
import { t } from '../i18n';
import { ROUTES } from '../router';
import { account, mayKeep, untold } from '../store/account';
import { history, pending } from '../store/outbox';
import { attachLogin, eraseEverything, logIn, logOut, refreshMe, whyNot, type PeopleFailure } from '../tasks/people';
import { decideConsents } from '../tasks/consents';
import { announce } from '../ui/announce';
import { Terms, Tick } from '../ui/ConsentSheet';
import { Export } from '../ui/Export';
import { Icon } from '../ui/Icon';
import { LoginForm } from '../ui/LoginForm';

export function Account() {
  const m = t();
  const { pseudonym, email } = account.value;
  useEffect(() => void lookWhoIAm(), []);
  return (
    <div class="page">
      <h1 tabIndex={-1}>{m.title.account}</h1>
      <Who />
      <Allows />
      {pseudonym !== null && email === null && <Attach />}
      {email === null && <LogIn />}
      {pseudonym !== null && (
        <section class="block">
          <h2>{m.history.data}</h2>
          <Export />
          {email !== null && <LogOut />}
        </section>
      )}
      {(pseudonym !== null || history.value.length > 0) && <EraseAll />}
    </div>
  );
}

/** Another phone may have changed what is allowed. */
async function lookWhoIAm(): Promise<void> {
  try {
    await refreshMe();
  } catch (error) {
    // What the phone knows is shown; the outbox finds out about a session that is gone.
    if (!(error instanceof OfflineError || error instanceof ProblemError)) throw error;
  }
}

function Who() {
  const m = t().account;
  const { pseudonym, email } = account.value;
  return (
    <section class="block who">
      <Icon name="person" />
      {pseudonym === null ? (
        <p>{mayKeep.value ? m.soon : m.nobody}</p>
      ) : (
        <div>
          <p class="small">{m.youAre}</p>
          <p class="pseudonym">{pseudonym}</p>
          <p>{email === null ? m.noEmail : m.withEmail(email)}</p>
        </div>
      )}
    </section>
  );
}

/** Each counts at once: taking back is as easy as giving. */
function Allows() {
  const m = t();
  const { allows } = account.value;
  const store = allows.store === true;
  const train = allows.train === true;
  const kept = history.value.length;
  return (
    <section class="block">
      <h2>{m.account.allows}</h2>
      <Tick
        id="store"
        role="switch"
        name={m.consent.store}
        help={m.consent.storeHelp}
        on={store}
        onChange={(on) => void decideConsents(on, on && train)}
      />
      <Tick
        id="train"
        role="switch"
        name={m.consent.train}
        help={m.consent.trainHelp}
        on={train}
        disabled={!store}
        onChange={(on) => void decideConsents(store, on)}
      />
      {allows.store === false && kept > 0 && (
        <p>
          {m.account.storeOff(kept)} <a href={ROUTES.history}>{m.title.history}</a>
        </p>
      )}
      {untold(account.value).length > 0 && (
        <p class="small" role="status">
          {m.account.untold}
        </p>
      )}
      <details>
        <summary>{m.account.readConditions}</summary>
        <Terms />
      </details>
    </section>
  );
}

function Attach() {
  const m = t().account;
  return (
    <section class="block">
      <h2>{m.attachTitle}</h2>
      <p>{m.attachHelp}</p>
      <LoginForm
        id="attach"
        asks="both"
        password="new-password"
        button={m.attach}
        onSubmit={async (email, password) => {
          await attachLogin(email, password);
          announce(m.attached);
        }}
      />
    </section>
  );
}

function LogIn() {
  const m = t().account;
  const [forgotten, setForgotten] = useState(false);
  return (
    <section class="block">
      <h2>{m.logInTitle}</h2>
      <p>{m.logInHelp}</p>
      <LoginForm id="login" asks="both" button={m.logIn} onSubmit={logIn} />
      <button type="button" class="quiet" aria-expanded={forgotten} onClick={() => setForgotten(!forgotten)}>
        {m.forgotten}
      </button>
      {forgotten && (
        <>
          <p>{m.forgottenHelp}</p>
          <LoginForm
            id="forgotten"
            asks="email"
            button={m.sendLink}
            done={m.linkSent}
            onSubmit={(email) => askNewPassword(email)}
          />
        </>
      )}
    </section>
  );
}

function LogOut() {
  const m = t().account;
  const { run, failure } = useDeed(logOut);
  const waiting = pending.value;
  return (
    <>
      <button type="button" class="list-row" onClick={run}>
        <Icon name="exit" />
        <span>
          {waiting > 0 ? m.logOutAnyway : m.logOut}
          <small> {waiting > 0 ? m.logOutWaiting(waiting) : m.logOutHelp}</small>
        </span>
      </button>
      {failure}
    </>
  );
}

function EraseAll() {
  const m = t().account;
  const [typed, setTyped] = useState('');
  const { run, failure } = useDeed(async () => {
    await eraseEverything();
    announce(m.erased);
  });
  const sure = typed.trim().toUpperCase() === m.eraseWord;
  return (
    <section class="block">
      <h2>{m.eraseTitle}</h2>
      <p>{m.eraseHelp}</p>
      <form
        class="login"
        onSubmit={(event) => {
          event.preventDefault();
          if (sure) run();
        }}
      >
        <div class="field">
          <label class="label" for="erase-word">
            {m.eraseType(m.eraseWord)}
          </label>
          <input
            id="erase-word"
            autocomplete="off"
            autocapitalize="characters"
            spellcheck={false}
            value={typed}
            onInput={(event) => setTyped(event.currentTarget.value)}
          />
        </div>
        {failure}
        <button type="submit" class="solid danger" disabled={!sure}>
          <Icon name="trash" /> {m.eraseNow}
        </button>
      </form>
    </section>
  );
}

/** Do something with the server, and say why it could not be done. */
function useDeed(deed: () => Promise<void>) {
  const [failed, setFailed] = useState<PeopleFailure | null>(null);
  const run = (): void => {
    setFailed(null);
    deed().catch((error: unknown) => setFailed(whyNot(error)));
  };
  const failure = failed !== null && (
    <p class="caution" role="alert">
      {t().account.failed[failed]}
    </p>
  );
  return { run, failure };
}
