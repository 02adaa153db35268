/** Language, appearance, place, installation: what a person decides, kept on the device. */
import { t } from '../i18n';
import { ROUTES } from '../router';
import { account } from '../store/account';
import { installPrompt, isInstalled, isIos } from '../store/device';
import { change, settings, type Locale, type Theme } from '../store/settings';
import { modelOf } from '../tasks/models';
import { Icon } from '../ui/Icon';
import { ModelStatus } from '../ui/ModelStatus';
import { openPlacePicker } from '../ui/PlacePicker';
import { department, territory } from '../waste/place';

const LANGUAGES: Readonly<Record<Locale, string>> = { fr: 'Français', en: 'English' };

export function Settings() {
  const m = t();
  const place = [department.value?.name, territory.value?.name].filter((name) => name !== undefined);
  const version = modelOf('waste').entry.value?.version;
  return (
    <div class="page">
      <h1 tabIndex={-1}>{m.title.settings}</h1>

      <section class="block">
        <h2>{m.settings.place}</h2>
        <button type="button" class="list-row" onClick={openPlacePicker}>
          <Icon name="place" />
          <span>{place.length > 0 ? place.join(' · ') : m.place.france}</span>
          <Icon name="next" />
        </button>
        <p class="small">{m.place.promise}</p>
      </section>

      <section class="block">
        <h2>{m.settings.you}</h2>
        <a class="list-row" href={ROUTES.account}>
          <Icon name="person" />
          <span>
            {m.settings.account}
            {account.value.pseudonym !== null && <small> {account.value.pseudonym}</small>}
          </span>
          <Icon name="next" />
        </a>
      </section>

      <Choice
        title={m.settings.language}
        name="locale"
        options={LANGUAGES}
        chosen={settings.value.locale}
        onChoose={(locale: Locale) => change({ locale })}
      />
      <Choice
        title={m.settings.theme}
        name="theme"
        options={m.settings.themes}
        chosen={settings.value.theme}
        onChoose={(theme: Theme) => change({ theme })}
      />
      <Install />

      <section class="block">
        <h2>{m.settings.storage}</h2>
        <a class="list-row" href="#/modele">
          <Icon name="download" />
          <span>
            {m.settings.model}
            {version !== undefined && <small> {version}</small>}
          </span>
          <Icon name="next" />
        </a>
        <ModelStatus />
        <a class="list-row" href="#/a-propos">
          <Icon name="info" />
          <span>{m.settings.about}</span>
          <Icon name="next" />
        </a>
      </section>
    </div>
  );
}

interface ChoiceProps<K extends string> {
  readonly title: string;
  readonly name: string;
  readonly options: Readonly<Record<K, string>>;
  readonly chosen: K;
  readonly onChoose: (key: K) => void;
}

function Choice<K extends string>({ title, name, options, chosen, onChoose }: ChoiceProps<K>) {
  return (
    <fieldset class="block segmented">
      <legend>{title}</legend>
      <div class="segments">
        {(Object.keys(options) as K[]).map((key) => (
          <label key={key}>
            <input type="radio" name={name} checked={key === chosen} onChange={() => onChoose(key)} />
            <span lang={name === 'locale' ? key : undefined}>{options[key]}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function Install() {
  const m = t();
  const prompt = installPrompt.value;
  if (isInstalled || (prompt === null && !isIos)) return null;
  return (
    <section class="block">
      <h2>{m.settings.install}</h2>
      <p>{m.settings.installHelp}</p>
      {prompt === null ? (
        <p>{m.settings.installIos}</p>
      ) : (
        <button type="button" class="solid" onClick={() => void prompt.prompt()}>
          {m.install.apply}
        </button>
      )}
    </section>
  );
}
