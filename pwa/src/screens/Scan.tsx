/** The first door: viewfinder, shutter, answers. */
import { computed, effect, signal } from '@preact/signals';
import { useCallback, useEffect, useRef } from 'preact/hooks';
import { cameraIsGranted, filesOf, startCamera, stopCamera } from '../capture/camera';
import { percent, t } from '../i18n';
import { go, route, ROUTES } from '../router';
import { inputShape } from '../tasks/recognise';
import { addFiles, addPicture, clearScans, running, scans } from '../tasks/scans';
import { Answer } from '../ui/Answer';
import { announce } from '../ui/announce';
import { DropZone } from '../ui/DropZone';
import { Icon } from '../ui/Icon';
import { InstallHint } from '../ui/InstallHint';
import { materialName } from '../ui/material';
import { ModelStatus } from '../ui/ModelStatus';
import { Shutter } from '../ui/Shutter';
import { Viewfinder, type CameraState } from '../ui/Viewfinder';

/** On a phone the answers stand in front of the camera, one step back; a desktop shows both. */
const wide = matchMedia('(min-width: 60rem)');
const inFront = computed(() => route.value === 'answers' && scans.value.length > 0);

const camera = signal<CameraState>({ kind: 'off' });

async function turnOn(): Promise<void> {
  if (camera.value.kind === 'live' || camera.value.kind === 'starting') return;
  camera.value = { kind: 'starting' };
  const started = await startCamera();
  if (isStarting()) camera.value = started;
  else if (started.kind === 'live') stopCamera(started.stream); // turned off meanwhile
}

function isStarting(): boolean {
  return camera.value.kind === 'starting';
}

function turnOff(): void {
  if (camera.value.kind === 'live') stopCamera(camera.value.stream);
  camera.value = { kind: 'off' };
}

function take(files: File[]): void {
  if (files.length === 0) return;
  addFiles(files);
  if (!wide.matches) go('answers');
}

export function Scan() {
  const m = t();
  const video = useRef<HTMLVideoElement | null>(null);
  const onVideo = useCallback((element: HTMLVideoElement | null) => (video.current = element), []);
  useCamera();
  usePaste();
  useAnnouncedAnswers();

  const shoot = async (): Promise<void> => {
    if (video.current === null || video.current.videoWidth === 0) return;
    addPicture(await createImageBitmap(video.current));
    if (!wide.matches) go('answers');
  };

  const { kind } = camera.value;
  const shutter =
    kind === 'live'
      ? { label: m.camera.shoot, press: () => void shoot() }
      : kind === 'off' || kind === 'starting'
        ? { label: m.camera.start, press: () => void turnOn() }
        : null;

  return (
    <div class="scan" data-front={inFront.value ? 'answers' : 'camera'}>
      <h1 class="unseen" tabIndex={-1}>
        {inFront.value ? m.title.answers : m.title.scan}
      </h1>
      <section class="scan-camera" aria-label={m.nav.scan}>
        <Viewfinder camera={camera.value} crop={inputShape().crop} onVideo={onVideo} onRetry={() => void turnOn()} />
        <div class="under">
          <ModelStatus />
          {scans.value.length > 0 && (
            <a class="to-answers" href={ROUTES.answers}>
              {m.scan.toAnswers(scans.value.length)}
              <Icon name="next" />
            </a>
          )}
        </div>
        <SearchLink />
        <Shutter shutter={shutter} busy={kind === 'starting'} onFiles={take} />
      </section>
      <section class="scan-answers" aria-label={m.scan.answers}>
        <SearchLink />
        <Answers />
      </section>
      {inFront.value && (
        <div class="again">
          <a class="solid big" href={ROUTES.scan}>
            <Icon name="scan" /> {m.camera.again}
          </a>
        </div>
      )}
      <DropZone icon="images" text={m.camera.drop} onFiles={take} />
    </div>
  );
}

/** A photo is never the only way. */
function SearchLink() {
  return (
    <a class="search-link" href={ROUTES.search}>
      <Icon name="search" /> {t().search.link}
    </a>
  );
}

function Answers() {
  const m = t();
  const all = scans.value;
  if (all.length === 0) return (
      <p class="empty">
        <Icon name="images" />
        {m.camera.dropHint}
      </p>
    );
  const done = all.length - running.value;
  return (
    <>
      {all.length > 1 && (
        <div class="row spread batch">
          <label>
            {m.scan.progress(done, all.length)}
            {done < all.length && <progress max={all.length} value={done} />}
          </label>
          <button type="button" class="quiet" onClick={clearScans}>
            {m.scan.clear}
          </button>
        </div>
      )}
      <ol class="answers">
        {all.map((scan, i) => (
          <li key={scan.id}>
            <Answer scan={scan} index={all.length - i} asks={i === 0} />
          </li>
        ))}
      </ol>
      {running.value === 0 && <InstallHint />}
    </>
  );
}

function isLookedAt(): boolean {
  return document.visibilityState === 'visible' && (wide.matches || !inFront.value);
}

/** Starts by itself where permission stands, stops when nobody looks. */
function useCamera(): void {
  useEffect(() => {
    const follow = async (): Promise<void> => {
      if (!isLookedAt()) turnOff();
      else if ((await cameraIsGranted()) && isLookedAt()) await turnOn();
    };
    const onVisible = (): void => void follow();
    const stopFollowing = inFront.subscribe(onVisible);
    document.addEventListener('visibilitychange', onVisible);
    return () => {
      stopFollowing();
      document.removeEventListener('visibilitychange', onVisible);
      turnOff();
    };
  }, []);
}

function usePaste(): void {
  useEffect(() => {
    const paste = (event: ClipboardEvent): void => take(filesOf(event.clipboardData));
    document.addEventListener('paste', paste);
    return () => document.removeEventListener('paste', paste);
  }, []);
}

/** Says each new answer once, for those who do not see it. */
function useAnnouncedAnswers(): void {
  const said = useRef(new Set<string>());
  useEffect(
    () =>
      effect(() => {
        for (const { id, progress } of scans.value) {
          if (progress.kind !== 'answered' || said.current.has(id)) continue;
          said.current.add(id);
          const { answer } = progress;
          announce(
            answer.kind === 'unsure'
              ? `${t().answer.unsure}. ${t().answer.unsureHelp}`
              : `${materialName(answer.label)}, ${percent(answer.score)}`,
          );
        }
      }),
    [],
  );
}
