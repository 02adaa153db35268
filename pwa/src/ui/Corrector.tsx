/** The thirteen materials to choose from, each with its bin. The choice stays on this device. */
import { t } from '../i18n';
import { CATEGORIES, type Category } from '../waste/category';

interface Props {
  readonly chosen: string | null;
  readonly onChoose: (category: Category) => void;
}

export function Corrector({ chosen, onChoose }: Props) {
  const m = t();
  return (
    <div class="corrector">
      <p class="label">{m.answer.choose}</p>
      <ul class="chips">
        {CATEGORIES.map((category) => (
          <li key={category}>
            <button
              type="button"
              class="chip"
              aria-pressed={category === chosen}
              onClick={() => onChoose(category)}
            >
              {m.category[category]}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
