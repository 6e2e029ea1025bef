// What the page knows: the snapshot of this process, the state of the cluster, and how to
// ask for more.

export const state = {now: null, before: null, cluster: null, history: [], lost: null};

// get asks the process. If too much was asked of it, or of another one, it asks again a
// moment later.
export async function get(path, parameters) {
  const given = Object.entries(parameters || {}).filter(([, v]) => v != null && v !== "");
  const url = "api/" + path + (given.length ? "?" + new URLSearchParams(given) : "");
  for (let tries = 0; ; tries++) {
    const answer = await fetch(url, {signal: AbortSignal.timeout(10000)});
    const later = () => new Promise(done => setTimeout(done, 1100));
    if (answer.status === 429 && tries < 3) {
      await later();
      continue;
    }
    if (!answer.ok) throw new Error(answer.status === 400 || answer.status === 429 ? (await answer.text()).trim() : "HTTP " + answer.status);
    const found = await answer.json();
    if (!found.busy || tries === 3) return found;
    await later();
  }
}

// gone are the processes that were there when this page looked before, by host and id.
export const gone = new Map();
function noteGone(before, now) {
  const key = p => p.host + ":" + p.pid;
  for (const p of before) gone.set(key(p), {name: title(p), at: state.cluster.time});
  for (const p of now) gone.delete(key(p));
}

let looked = 0;

// refresh looks at this process and, with it, at the cluster.
export async function refresh() {
  const wanted = looked++ % 3 === 0; // the history has a new point every five seconds
  const [status, cluster] = await Promise.all([get("status"), get("cluster", wanted ? {history: 1} : {})]);
  if (!state.now || status.time !== state.now.time) {
    state.before = state.now && state.now.process.started === status.process.started ? state.now : null;
    state.now = status;
  }
  if (state.cluster) noteGone(state.cluster.processes || [], cluster.processes || []);
  state.cluster = cluster;
  if (wanted) state.history = (cluster.processes || []).map(p => ({host: p.host, pid: p.pid, points: p.history || []}));
  state.lost = null;
}

// processes are those of the cluster, with where their pages are.
export function processes() {
  const c = state.cluster;
  return ((c && c.processes) || []).map((p, i) => ({...p, url: (c.from[i] || {}).url, origin: (c.from[i] || {}).origin, here: isHere(p)}));
}
export const isHere = p => state.now && p.host === state.now.process.host && p.pid === state.now.process.pid;
export const title = p => p.name || p.host + ":" + p.pid;

// Points of the history of ten minutes.
export const points = 120, step = 5;

// past is a number's history, summed over all processes, or over those chosen.
export function past(key, chosen = () => true) {
  const end = Math.max(0, ...state.history.flatMap(h => h.points.slice(-1).map(p => p.at)));
  const values = new Array(points).fill(null);
  for (const h of state.history) {
    if (!chosen(h)) continue;
    for (const p of h.points) {
      const i = points - 1 - Math.round((end - p.at) / step);
      if (i >= 0 && i < points) values[i] = (values[i] || 0) + p[key];
    }
  }
  return values;
}
