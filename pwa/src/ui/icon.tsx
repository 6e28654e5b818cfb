// The desk's icons of the kinds, and those of the app itself: drawn with lines, the same size and weight everywhere. What an
// icon says always stands in words too.

const PATHS: Readonly<Record<string, string>> = {
  banner: "M3 6h18v9H3zM5 3v18M19 3v18M8 10.5h8",
  broadcast: "M12 13v8M8.5 21h7M9.5 10a2.5 2.5 0 1 0 5 0 2.5 2.5 0 1 0-5 0M6.5 15a7.5 7.5 0 1 1 11 0",
  panel: "M4 4h16v11H4zM9 15v6M15 15v6M8 8h8M8 11h5",
  leaflet: "M12 5v15M12 5 4 3v15l8 2 8-2V3z",
  mobile:
    "M2 17V9h10v8M12 12h5l4 3v2h-2M2 17h2M9 17h5M4.5 17.5a2 2 0 1 0 4 0 2 2 0 1 0-4 0M14.5 17.5a2 2 0 1 0 4 0 2 2 0 1 0-4 0m-6.5-11.5 6-3v4z",
  event:
    "M5 8a3 3 0 1 0 6 0 3 3 0 1 0-6 0M14.8 9a2.2 2.2 0 1 0 4.4 0 2.2 2.2 0 1 0-4.4 0M2.5 20a5.5 5.5 0 0 1 11 0M15 14.5a4.5 4.5 0 0 1 6.5 4.5",
  media: "M4 4h13v16H6a2 2 0 0 1-2-2zM17 9h3v9a2 2 0 0 1-2 2M8 8h5M8 12h5M8 16h5",
  returned: "M9 14 4 9l5-5M4 9h10a6 6 0 0 1 0 12h-3",
  done: "M3 12a9 9 0 1 0 18 0 9 9 0 1 0-18 0m5 .5 2.7 2.7L16 9.5",
  search: "M4 10.5a6.5 6.5 0 1 0 13 0 6.5 6.5 0 1 0-13 0M15.5 15.5 21 21",
  help: "M12 21s-8-4.6-8-11a4.5 4.5 0 0 1 8-2.8A4.5 4.5 0 0 1 20 10c0 6.4-8 11-8 11z",
  settings: "M4 7h9M17 7h3M4 17h3M11 17h9M13 7a2 2 0 1 0 4 0 2 2 0 1 0-4 0M7 17a2 2 0 1 0 4 0 2 2 0 1 0-4 0",
  camera: "M4 7h4l2-3h4l2 3h4v12H4zM8.5 13a3.5 3.5 0 1 0 7 0 3.5 3.5 0 1 0-7 0",
  gallery: "M4 4h16v16H4zM4 16l5-5 5 5 3-3 3 3M14.5 8.5h.01",
  torch: "M13 3 6 14h5l-1 7 8-11h-6z",
  close: "M6 6l12 12M18 6 6 18",
  send: "M4 12 20 4l-5 16-4-7z",
};

export function Icon({ name }: { readonly name: string | undefined }) {
  const path = PATHS[name ?? ""];
  return path ? (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={path} />
    </svg>
  ) : null;
}
