/** An email, a password, or both, and one button; what went wrong is said beside it. */
import { useState } from 'preact/hooks';
import { t } from '../i18n';
import { whyNot, type PeopleFailure } from '../tasks/people';

interface Props {
  readonly id: string;
  readonly asks: 'email' | 'password' | 'both';
  /** For the browser's password keeper: a password that is there, or one that is made. */
  readonly password?: 'current-password' | 'new-password';
  readonly button: string;
  readonly done?: string;
  readonly onSubmit: (email: string, password: string) => Promise<void>;
}

type State = 'idle' | 'busy' | 'done' | PeopleFailure;

export function LoginForm({ id, asks, password = 'current-password', button, done, onSubmit }: Props) {
  const m = t().account;
  const [state, setState] = useState<State>('idle');
  const submit = async (fields: FormData): Promise<void> => {
    setState('busy');
    const text = (name: string): string => (fields.get(name) as string | null) ?? '';
    try {
      await onSubmit(text('email'), text('password'));
      setState('done');
    } catch (error) {
      setState(whyNot(error));
    }
  };
  if (state === 'done' && done !== undefined) return <p role="status">{done}</p>;
  const failure = state === 'idle' || state === 'busy' || state === 'done' ? null : state;
  return (
    <form
      class="login"
      onSubmit={(event) => {
        event.preventDefault();
        void submit(new FormData(event.currentTarget));
      }}
    >
      {asks !== 'password' && (
        <div class="field">
          <label class="label" for={`${id}-email`}>
            {m.email}
          </label>
          <input id={`${id}-email`} name="email" type="email" autocomplete="username" required />
        </div>
      )}
      {asks !== 'email' && (
        <div class="field">
          <label class="label" for={`${id}-password`}>
            {m.password}
          </label>
          <input
            id={`${id}-password`}
            name="password"
            type="password"
            autocomplete={password}
            required
            {...(password === 'new-password' ? { minLength: 8, 'aria-describedby': `${id}-help` } : {})}
          />
          {password === 'new-password' && (
            <p class="small" id={`${id}-help`}>
              {m.passwordHelp}
            </p>
          )}
        </div>
      )}
      {failure !== null && (
        <p class="caution" role="alert">
          {m.failed[failure]}
        </p>
      )}
      <button type="submit" class="solid" disabled={state === 'busy'}>
        {button}
      </button>
    </form>
  );
}
