/** The photo of a kept scan: from this phone, else from the server, else an empty frame. */
import { useEffect, useState } from 'preact/hooks';
import { photoUrl } from '../api/captures';
import { account } from '../store/account';
import { photoOf } from '../store/db';
import type { Row } from '../store/rows';
import { Icon } from './Icon';

export function PastThumb({ row, alt }: { readonly row: Row; readonly alt: string }) {
  const source = useSource(row);
  const [broken, setBroken] = useState(false);
  if (source === null || broken) {
    return (
      <span class="thumb thumb-empty">
        <Icon name="images" />
      </span>
    );
  }
  return <img class="thumb" src={source} alt={alt} onError={() => setBroken(true)} />;
}

function useSource({ id, upload, owner }: Row): string | null {
  const [source, setSource] = useState<string | null>(null);
  const ours = upload === 'sent' && owner === account.value.pseudonym;
  useEffect(() => {
    let url: string | null = null;
    let left = false;
    void photoOf(id).then((photo) => {
      if (left) return;
      if (photo !== undefined) url = URL.createObjectURL(new Blob([photo], { type: 'image/jpeg' }));
      setSource(url ?? (ours ? photoUrl(id) : null));
    });
    return () => {
      left = true;
      if (url !== null) URL.revokeObjectURL(url);
    };
  }, [id, ours]);
  return source;
}
