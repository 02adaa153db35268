/** Signs of the interface, on the same grid and stroke as the bins. */

const SHAPES = {
  scan: 'M3 8V4.5A1.5 1.5 0 0 1 4.5 3H8M16 3h3.5A1.5 1.5 0 0 1 21 4.5V8M21 16v3.5a1.5 1.5 0 0 1-1.5 1.5H16M8 21H4.5A1.5 1.5 0 0 1 3 19.5V16M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8Z',
  search: 'M10.5 17.5a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM15.5 15.5 21 21',
  settings: 'M4 7h9M17 7h3M4 17h3M11 17h9M15 9.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM9 19.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Z',
  camera: 'M3 8h4l1.7-2.5h6.6L17 8h4v11.5H3zM12 17a3.7 3.7 0 1 0 0-7.4 3.7 3.7 0 0 0 0 7.4Z',
  images: 'M7 7h14v13H7zM3 16.5V4h14M7 17l4-4 3 3 2-2 5 4.5M16.5 11.5a.8.8 0 1 0 0-1.6.8.8 0 0 0 0 1.6Z',
  place: 'M12 21.5c-4.7-5.3-7-9-7-12a7 7 0 0 1 14 0c0 3-2.3 6.7-7 12ZM12 12a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Z',
  locate: 'M12 18a6 6 0 1 0 0-12 6 6 0 0 0 0 12ZM12 2v4M12 18v4M2 12h4M18 12h4M12 13a1 1 0 1 0 0-2 1 1 0 0 0 0 2Z',
  close: 'M5 5l14 14M19 5 5 19',
  back: 'M14.5 5 7.5 12l7 7',
  next: 'M9.5 5l7 7-7 7',
  up: 'M5 14.5l7-7 7 7',
  down: 'M5 9.5l7 7 7-7',
  check: 'M4.5 12.5l5 5 10-11',
  info: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 11v6M12 7.5v.4',
  offline: 'M3 3l18 18M5 12.5c.8-.7 1.7-1.3 2.6-1.7M2 8.8c1.3-1.1 2.7-1.9 4.2-2.5M10.5 5.1c4.1-.5 8.3.8 11.5 3.7M14 10.3c1.8.4 3.5 1.1 5 2.3M8.3 16.3a5.5 5.5 0 0 1 7.4 0M12 20v.2',
  link: 'M13 5h6v6M19 5l-9 9M17 14v5H5V7h5',
  retry: 'M20 12a8 8 0 1 1-2.5-5.8M20 3v4.5h-4.5',
  download: 'M12 3v12M7 10.5 12 15.5l5-5M4 20h16',
  history: 'M3.5 12a8.5 8.5 0 1 0 2.6-6.1M3 3.5v4.3h4.3M12 7.5V12l3 2',
  person: 'M12 11.5a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4 20.5c.7-4 3.8-6 8-6s7.3 2 8 6',
  undo: 'M4 4.5v5h5M4.5 9.5a8 8 0 1 1-.4 4.5',
  trash: 'M4 7h16M9 7V4h6v3M6 7l1 13.2h10L18 7M10 11v5.5M14 11v5.5',
  eye: 'M2.5 12c2.4-4.3 5.6-6.5 9.5-6.5s7.1 2.2 9.5 6.5c-2.4 4.3-5.6 6.5-9.5 6.5S4.9 16.3 2.5 12ZM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6Z',
  learned: 'M2.5 9 12 4.5 21.5 9 12 13.5zM6 11v5.5c3.7 2.7 8.3 2.7 12 0V11M21.5 9v6',
  alert: 'M12 3.5 22 20.5H2zM12 9.5v5M12 17.3v.4',
  phone: 'M7.5 2.5h9v19h-9zM10.5 18.5h3',
  clock: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 7v5l3.5 2',
  cloud: 'M7 19a4.5 4.5 0 0 1-.6-9 6 6 0 0 1 11.5 1.2A4 4 0 0 1 17.5 19zM9.5 14.5l2 2 3.5-4',
  exit: 'M14 4H5v16h9M10 12h11M17.5 8.5 21 12l-3.5 3.5',
} as const;

export type IconName = keyof typeof SHAPES;

export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={SHAPES[name]} />
    </svg>
  );
}
