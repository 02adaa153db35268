/** What a kept capture is known by in a list: its photo, or the sign of a sound. */
import { useState } from 'preact/hooks';
import { mediaOf, type Row } from '../store/rows';
import { Icon } from './Icon';
import { useMedia } from './media';

interface Props {
  readonly row: Row;
  readonly alt: string;
}

export function PastThumb({ row, alt }: Props) {
  return mediaOf(row).startsWith('audio/') ? <Empty icon="sound" /> : <Photo row={row} alt={alt} />;
}

function Photo({ row, alt }: Props) {
  const source = useMedia(row);
  const [broken, setBroken] = useState(false);
  if (source === null || broken) return <Empty icon="images" />;
  return <img class="thumb" src={source} alt={alt} onError={() => setBroken(true)} />;
}

function Empty({ icon }: { readonly icon: 'images' | 'sound' }) {
  return (
    <span class="thumb thumb-empty">
      <Icon name={icon} />
    </span>
  );
}
