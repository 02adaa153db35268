/** The bytes of a kept capture: from this phone, else from the server; null where nobody has them. */
import { useEffect, useState } from 'preact/hooks';
import { fileUrl } from '../api/captures';
import { account } from '../store/account';
import { photoOf } from '../store/db';
import { mediaOf, type Row } from '../store/rows';

export function useMedia(row: Row): string | null {
  const { id, upload, owner } = row;
  const type = mediaOf(row);
  const [source, setSource] = useState<string | null>(null);
  const ours = upload === 'sent' && owner === account.value.pseudonym;
  useEffect(() => {
    let url: string | null = null;
    let left = false;
    void photoOf(id).then((bytes) => {
      if (left) return;
      if (bytes !== undefined) url = URL.createObjectURL(new Blob([bytes], { type }));
      setSource(url ?? (ours ? fileUrl(id) : null));
    });
    return () => {
      left = true;
      if (url !== null) URL.revokeObjectURL(url);
    };
  }, [id, ours, type]);
  return source;
}
