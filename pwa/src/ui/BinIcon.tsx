/** Bins and outlets by their shape: never by colour alone. Drawn for Tamis on a 24-unit grid. */

const PLAIN = 'pin';

const SHAPES: Readonly<Record<string, string>> = {
  'recycling-bin':
    'M5 8h14l-1.2 12.2a1 1 0 0 1-1 .8H7.2a1 1 0 0 1-1-.8zM3.5 8 5 4.5h14L20.5 8M10 17l-1.6-2.6h6.2L13 17M9.7 14.4 12 10.8l2.3 3.6',
  bottle: 'M10 2.5h4v4.2l1.8 2.8c.5.7.7 1.5.7 2.3V20a1.5 1.5 0 0 1-1.5 1.5H9A1.5 1.5 0 0 1 7.5 20v-8.2c0-.8.2-1.6.7-2.3L10 6.7zM7.5 13.5h9M7.5 17.5h9',
  trash: 'M4 7h16M9 7V4h6v3M6 7l1 13.2a.9.9 0 0 0 .9.8h8.2a.9.9 0 0 0 .9-.8L18 7M10 11v6M14 11v6',
  compost:
    'M4 10h16l-1.5 10.2a1 1 0 0 1-1 .8h-11a1 1 0 0 1-1-.8zM12 10V6.5M12 7c-3 .3-4.6-1-5-3.8 3-.3 4.7 1 5 3.8ZM12 6.5c.2-2.3 1.6-3.4 4.3-3.3 0 2.5-1.4 3.6-4.3 3.3ZM8 14.5h8M8.5 17.5h7',
  leaf: 'M5 19C3.5 10 9 4 20 4c.5 10.5-4.5 16-13 15M4 21c2-5.5 5.5-9 10.5-11',
  tshirt: 'M8.5 3.5 3 6.5l2 4.5 2.5-1V20.5h9V10l2.5 1 2-4.5-5.5-3c-.7 1.7-1.9 2.5-3.5 2.5s-2.8-.8-3.5-2.5Z',
  'recycling-centre':
    'M3 20.5v-9L12 5l9 6.5v9M7 20.5v-7h10v7M7 17h10M2 20.5h20',
  shop: 'M4 10v10.5h16V10M3 9.5 5 3.5h14l2 6c0 1.4-1.2 2.5-3 2.5s-3-1.1-3-2.5c0 1.4-1.2 2.5-3 2.5s-3-1.1-3-2.5c0 1.4-1.2 2.5-3 2.5S3 10.9 3 9.5ZM10 20.5v-5h4v5',
  battery: 'M8 5.5h8a1 1 0 0 1 1 1v14a1 1 0 0 1-1 1H8a1 1 0 0 1-1-1v-14a1 1 0 0 1 1-1ZM10 5.5v-3h4v3M12.8 9 10 13.5h4L11.2 18',
  pharmacy: 'M9.5 3.5h5v6h6v5h-6v6h-5v-6h-6v-5h6z',
  paper: 'M6 3h8.5L19 7.5V21H6zM14.5 3v4.5H19M9 12h7M9 15h7M9 18h4',
  truck: 'M2 6h12v11H2zM14 10h4.5l3.5 3.5V17h-8zM6.5 19.5a2 2 0 1 0 0-4 2 2 0 0 0 0 4ZM17.5 19.5a2 2 0 1 0 0-4 2 2 0 0 0 0 4Z',
  brick: 'M3 5h18v14H3zM3 9.7h18M3 14.3h18M9 5v4.7M15 9.7v4.6M7 9.7v4.6M11 14.3V19M17 14.3V19M16 5v4.7',
  pin: 'M12 21.5c-4.7-5.3-7-9-7-12a7 7 0 0 1 14 0c0 3-2.3 6.7-7 12ZM12 12a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Z',
  alert: 'M12 3.5 22 20.5H2zM12 9.5v5M12 17.3v.4',
  heart: 'M12 20.5C6 16 3 12.6 3 9a4.7 4.7 0 0 1 9-2 4.7 4.7 0 0 1 9 2c0 3.6-3 7-9 11.5Z',
};

export function BinIcon({ icon }: { readonly icon: string }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={SHAPES[icon] ?? SHAPES[PLAIN]} />
    </svg>
  );
}
