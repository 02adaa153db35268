/** Files dropped anywhere on the page, while the screen that wants them is there. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { filesOf } from '../capture/camera';
import { Icon, type IconName } from './Icon';

interface Props {
  readonly icon: IconName;
  readonly text: string;
  readonly onFiles: (files: File[]) => void;
}

export function DropZone({ icon, text, onFiles }: Props) {
  const [over, setOver] = useState(false);
  const take = useRef(onFiles);
  take.current = onFiles;
  useEffect(() => {
    const enter = (event: DragEvent): void => {
      if (event.dataTransfer?.types.includes('Files') !== true) return;
      event.preventDefault();
      setOver(true);
    };
    const leave = (event: DragEvent): void => {
      if (event.relatedTarget === null) setOver(false);
    };
    const drop = (event: DragEvent): void => {
      event.preventDefault();
      setOver(false);
      take.current(filesOf(event.dataTransfer));
    };
    document.addEventListener('dragover', enter);
    document.addEventListener('dragleave', leave);
    document.addEventListener('drop', drop);
    return () => {
      document.removeEventListener('dragover', enter);
      document.removeEventListener('dragleave', leave);
      document.removeEventListener('drop', drop);
    };
  }, []);
  if (!over) return null;
  return (
    <div class="dropzone" aria-hidden="true">
      <Icon name={icon} />
      <p>{text}</p>
    </div>
  );
}
