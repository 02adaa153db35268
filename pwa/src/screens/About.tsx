/** What Tamis does with your data, what it cannot know, who made what it stands on. */
import { t } from '../i18n';

export function About() {
  const { about, title } = t();
  return (
    <div class="page prose">
      <h1 tabIndex={-1}>{title.about}</h1>
      <p class="lead">{about.lead}</p>
      <h2>{about.privacy}</h2>
      <ul class="bullets">
        {about.privacyPoints.map((point) => (
          <li key={point}>{point}</li>
        ))}
      </ul>
      <h2>{about.limits}</h2>
      <p>{about.limitsText}</p>
      <h2>{about.accessibility}</h2>
      <p>{about.accessibilityText}</p>
      <h2>{about.credits}</h2>
      <p>{about.creditsData}</p>
      <p>{about.creditsRuntime}</p>
      <p>{about.licence}</p>
    </div>
  );
}
