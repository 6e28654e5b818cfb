// The desk's map: the records of a filter as points, on the tiles that the office chose or on a plain grid.
// The page works without it: the same records are a list by place below.
import {
  divIcon,
  type Map as LeafletMap,
  layerGroup,
  map as leaflet,
  type Marker,
  marker,
  popup,
  tileLayer,
} from "leaflet";
import "leaflet/dist/leaflet.css";
import "./map.css";
import { apart, type Cluster, clusters, middle, type Point } from "./grid.ts";

interface PlacedRecords {
  readonly units: readonly string[];
  readonly points: readonly Point[];
  readonly more: boolean;
}

/** Nearest zoom: one knows a house. */
const NEAREST = 18;
/** Zoom around one record: one knows its street, and what lies beside. */
const STREET = 16;
/** From here on the names of units stand beside their points if there are no tiles. */
const NAMES_FROM = 8;

const box = document.getElementById("map");
const says = document.getElementById("map-says");
if (box && says) void show(box, says);

async function show(box: HTMLElement, says: HTMLElement): Promise<void> {
  const found = await read(box.dataset["points"] ?? "");
  if (!found) {
    says.textContent = says.dataset["failed"] ?? "";
    return;
  }
  if (found.points.length === 0) {
    says.textContent = says.dataset["none"] ?? "";
    return;
  }
  if (found.more) says.textContent = says.dataset["more"] ?? "";
  const around = found.points.find((point) => point[2] === box.dataset["at"]);
  if (around) says.textContent = (says.dataset["here"] ?? "").replace("{name}", nameOf(around, found));
  box.hidden = false;
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", box.dataset["label"] ?? "");
  draw(box, found, around);
}

async function read(url: string): Promise<PlacedRecords | null> {
  try {
    const response = await fetch(url);
    return response.ok ? ((await response.json()) as PlacedRecords) : null;
  } catch {
    return null;
  }
}

/** `around`: the point that the map opens at, with a ring; without it all points are shown. */
function draw(box: HTMLElement, found: PlacedRecords, around?: Point): void {
  const { tiles, attribution } = box.dataset;
  const shown = leaflet(box, { maxZoom: NEAREST, zoomControl: false, attributionControl: Boolean(tiles) });
  shown.attributionControl?.setPrefix(false);
  if (tiles) tileLayer(tiles, { attribution: asText(attribution ?? ""), maxZoom: NEAREST }).addTo(shown);
  else box.classList.add("plain-map");
  addZoom(shown, box);
  if (around) shown.setView([around[0], around[1]], STREET);
  else
    shown.fitBounds(
      found.points.map((point) => [point[0], point[1]]),
      { paddingTopLeft: [80, 40], paddingBottomRight: [40, 40], maxZoom: 15 }, // right of the buttons
    );
  const layer = layerGroup().addTo(shown);
  const redraw = () => {
    layer.clearLayers();
    for (const each of clusters(found.points, shown.getZoom())) {
      const pin = each.points.length === 1 ? one(each, found, box) : several(each, found, shown, box);
      if (around && each.points.includes(around)) ringed(pin);
      pin.addTo(layer);
    }
    if (!tiles && shown.getZoom() >= NAMES_FROM) for (const name of names(found, shown)) name.addTo(layer);
  };
  shown.on("zoomend", redraw);
  redraw();
}

/** A text of a setting, which Leaflet would take for HTML. */
function asText(text: string): string {
  const span = document.createElement("span");
  span.textContent = text;
  return span.innerHTML;
}

/** Two real buttons, of the desk's own size and words. */
function addZoom(shown: LeafletMap, box: HTMLElement): void {
  const bar = document.createElement("div");
  bar.className = "map-zoom";
  const steps = [
    ["+", box.dataset["in"], 1],
    ["−", box.dataset["out"], -1],
  ] as const;
  for (const [sign, label, step] of steps) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "quiet";
    button.textContent = sign;
    button.setAttribute("aria-label", label ?? sign);
    button.addEventListener("click", () => shown.setZoom(shown.getZoom() + step));
    bar.append(button);
  }
  box.append(bar);
}

/** One record: a drop in the colour of its state; pressing it opens the record. */
function one(cluster: Cluster, found: PlacedRecords, box: HTMLElement) {
  const point = cluster.points[0] as Point;
  const [lat, lon, id, , , state] = point;
  const name = nameOf(point, found);
  const pin = marker([lat, lon], {
    icon: divIcon({ className: `pin ${state}`, iconSize: [26, 26], iconAnchor: [13, 13] }),
    title: name,
    alt: name,
  });
  return named(pin, name).on("click", () => location.assign(address(box, id)));
}

/** What people call a record: its unit and its number. */
function nameOf(point: Point, found: PlacedRecords): string {
  return `${found.units[point[4]] ?? ""} ${point[3]}`;
}

/** Draw a ring around the point that was asked for. */
function ringed(pin: Marker): void {
  pin.on("add", () => pin.getElement()?.classList.add("here"));
}

/** Give the point its name: what stands in it, or nothing, does not say where it leads. */
function named(pin: Marker, name: string): Marker {
  return pin.on("add", () => pin.getElement()?.setAttribute("aria-label", name));
}

/** The address of a record's page. */
function address(box: HTMLElement, id: string): string {
  return (box.dataset["record"] ?? "").replace("_".repeat(16), id);
}

/** Several at one place: their number; pressing it goes nearer, and lists them where there is no nearer. */
function several(cluster: Cluster, found: PlacedRecords, shown: LeafletMap, box: HTMLElement) {
  const count = cluster.points.length.toLocaleString(document.documentElement.lang);
  const name = (box.dataset["several"] ?? "").replace("{count}", count);
  const pin = marker([cluster.lat, cluster.lon], {
    icon: divIcon({ className: "pins", iconSize: [44, 44], iconAnchor: [22, 22], html: asText(count) }),
    title: name,
    alt: name,
  });
  return named(pin, name).on("click", () => {
    if (shown.getZoom() < NEAREST) shown.setView([cluster.lat, cluster.lon], shown.getZoom() + 2);
    else
      popup()
        .setLatLng([cluster.lat, cluster.lon])
        .setContent(links(cluster, found, box))
        .openOn(shown);
  });
}

/** A link to each record of a place. */
function links(cluster: Cluster, found: PlacedRecords, box: HTMLElement): HTMLElement {
  const list = document.createElement("ul");
  list.className = "map-links";
  for (const point of cluster.points) {
    const link = document.createElement("a");
    link.href = address(box, point[2]);
    link.textContent = nameOf(point, found);
    const item = document.createElement("li");
    item.append(link);
    list.append(item);
  }
  return list;
}

/** The names of units below the middle of their points, if there is room: all there is to go by without tiles. */
function names(found: PlacedRecords, shown: LeafletMap) {
  const places = found.units.flatMap((name, unit) => {
    const own = found.points.filter((point) => point[4] === unit);
    if (own.length === 0) return [];
    const { lat, lon } = middle(own);
    const { x, y } = shown.latLngToLayerPoint([lat, lon]);
    return [{ name, lat, lon, x, y, points: own.length }];
  });
  places.sort((one, other) => other.points - one.points);
  return apart(places).map(({ name, lat, lon }) => {
    const icon = divIcon({ className: "unit-name", iconSize: [0, 0], html: asText(name) });
    return marker([lat, lon], { icon, interactive: false, keyboard: false, zIndexOffset: 1000 });
  });
}
