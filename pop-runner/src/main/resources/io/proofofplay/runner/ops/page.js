'use strict';

// The status page. It asks /status and /history, shows what they say, and can change nothing.
// Whatever comes from outside (names of assets, answers of backends) becomes text, never markup.

(() => {
  const EVERY = 3000;
  const PATIENCE = 6000;
  const POLLED = 300;
  const HISTORY_EVERY = 60000;
  const KEY = 'pop-token';
  const SVG = 'http://www.w3.org/2000/svg';

  const at = (id) => document.getElementById(id);
  const own = (map, name) => (Object.prototype.hasOwnProperty.call(map, name) ? map[name] : undefined);
  let last = null;
  // By names that people choose, such as constructor or __proto__.
  const polled = Object.create(null);
  let polledAt = 0;
  let history = { sinks: {} };
  let historyAt = -Infinity;
  let silentSince = null;
  let said = '';

  // ---- Building and patching: what did not change stays, with its focus and its selection.

  function node(tag, attributes, ...children) {
    const svg = ['svg', 'path', 'line'].includes(tag);
    const made = svg ? document.createElementNS(SVG, tag) : document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (value !== null && value !== undefined && value !== false) {
        made.setAttribute(name, value === true ? '' : String(value));
      }
    }
    for (const child of children.flat(3)) {
      if (child !== null && child !== undefined && child !== false) {
        made.append(child);
      }
    }
    return made;
  }

  function patch(old, wanted) {
    if (old.nodeType !== wanted.nodeType || old.nodeName !== wanted.nodeName) {
      old.replaceWith(wanted);
      return;
    }
    if (old.nodeType === Node.TEXT_NODE) {
      if (old.data !== wanted.data) {
        old.data = wanted.data;
      }
      return;
    }
    for (const { name } of [...old.attributes]) {
      if (!wanted.hasAttribute(name)) {
        old.removeAttribute(name);
      }
    }
    for (const { name, value } of [...wanted.attributes]) {
      if (old.getAttribute(name) !== value) {
        old.setAttribute(name, value);
      }
    }
    const before = [...old.childNodes];
    const after = [...wanted.childNodes];
    after.forEach((child, i) => (i < before.length ? patch(before[i], child) : old.append(child)));
    before.slice(after.length).forEach((child) => child.remove());
  }

  // ---- Words.

  const number = (value) => Number(value).toLocaleString('en');

  function span(seconds) {
    const s = Math.max(0, Math.floor(seconds));
    const parts = [[86400, 'd'], [3600, 'h'], [60, 'min'], [1, 's']];
    const from = parts.findIndex(([size]) => s >= size);
    if (from < 0) {
      return '0 s';
    }
    const [size, unit] = parts[from];
    const rest = parts[from + 1];
    const more = rest ? Math.floor((s % size) / rest[0]) : 0;
    return Math.floor(s / size) + ' ' + unit + (more > 0 ? ' ' + more + ' ' + rest[1] : '');
  }

  function bytes(value) {
    const units = ['B', 'KiB', 'MiB', 'GiB'];
    let unit = 0;
    let size = value;
    while (size >= 1024 && unit < units.length - 1) {
      size /= 1024;
      unit++;
    }
    return (unit > 0 && size < 10 ? size.toFixed(1) : Math.round(size)) + ' ' + units[unit];
  }

  const words = (code) => code.charAt(0).toUpperCase() + code.slice(1).replaceAll('-', ' ');
  const sum = (counts) => Object.values(counts).reduce((all, one) => all + one, 0);

  function clock(instant) {
    const time = new Date(instant);
    if (Number.isNaN(time.getTime())) {
      return String(instant);
    }
    const day = time.toLocaleDateString('sv');
    const hour = time.toLocaleTimeString('sv');
    return day === new Date(last.now).toLocaleDateString('sv') ? hour : day + ' ' + hour;
  }

  const when = (instant) => node('time', { datetime: instant, title: instant }, clock(instant));
  const ago = (instant) =>
    instant ? span((Date.parse(last.now) - Date.parse(instant)) / 1000) + ' ago' : 'never';

  const pill = (kind, text) => node('span', { class: 'pill ' + kind }, text);

  function fact(name, value, field, kind) {
    return node('div', { class: kind || null }, node('dt', null, name),
      node('dd', { 'data-field': field || null }, value));
  }

  // ---- The parts.

  function figures(status) {
    const sinks = Object.values(status.sinks);
    const oldest = Math.max(0, ...sinks.map((sink) => sink.oldestWaitingSeconds || 0));
    const waiting = sinks.reduce((all, sink) => all + sink.waiting, 0);
    const delivered = sinks.reduce((all, sink) => all + sink.books.delivered, 0);
    const dead = sinks.reduce((all, sink) => all + sink.books.dead, 0);
    const lost = sinks.reduce((all, sink) => all + sum(sink.books.dropped), 0);
    const off = sinks.reduce((all, sink) => all + Math.abs(sink.books.imbalance), 0);
    return node('dl', { class: 'figures', id: 'figures' },
      fact('oldest event waits', waiting ? span(oldest) : 'none', 'oldest',
        'card' + (oldest > 3600 ? ' bad' : oldest > 900 ? ' warn' : '')),
      fact('events wait', number(waiting), 'waiting', 'card'),
      fact('events delivered', number(delivered), 'delivered', 'card'),
      fact('events rejected, set aside', number(dead), 'dead', 'card' + (dead ? ' warn' : '')),
      fact('events given up', number(lost), 'dropped', 'card' + (lost ? ' bad' : '')),
      fact('events the books are off by', number(off), 'imbalance', 'card' + (off ? ' bad' : '')));
  }

  const KINDS = { fault: 'bad', warning: 'warn', note: '' };

  function troubles(status) {
    const list = status.troubles.map((trouble) =>
      node('li', { class: 'card trouble ' + trouble.weight, 'data-code': trouble.code },
        node('h3', null, pill(KINDS[trouble.weight], words(trouble.weight)),
          node('span', null, trouble.about + ': ' + trouble.title)),
        trouble.detail ? node('p', null, trouble.detail) : null,
        node('p', null, node('strong', null, 'What to do: '), trouble.advice),
        node('p', { class: 'faint' }, 'Runbook: ', node('code', null, trouble.code), ' in docs/operations.md')));
    return node('section', { 'aria-labelledby': 'h-troubles' },
      node('h2', { id: 'h-troubles' },
        list.length ? 'What is wrong' : 'Nothing is wrong'),
      list.length
        ? [node('ul', { class: 'troubles', id: 'troubles' }, list),
            node('p', { class: 'faint', id: 'runbook' }, 'The folder docs is in ', node('code', null, '/usr/share/doc/pop'),
              ' on Debian, beside ', node('code', null, 'bin'), ' in the archive, and in the sources.')]
        : node('p', { class: 'card well', id: 'troubles' },
            'The players are there, and every event was delivered or is on its way.'));
  }

  function source([name, source]) {
    const refused = sum(source.rejected);
    return node('article', { class: 'card', 'data-source': name },
      node('div', { class: 'head' }, node('h3', null, name),
        source.connected ? pill('good', 'Connected') : pill('warn', 'Not connected')),
      node('dl', { class: 'facts' },
        fact('since', ago(source.since), 'since'),
        fact('player', source.sender || 'not known', 'sender'),
        fact('events accepted', number(source.accepted), 'accepted'),
        fact('lines refused', number(refused), 'refused'),
        source.reusedUuids ? fact('events under a used uuid', number(source.reusedUuids), 'reused') : null,
        fact('times connected', number(source.connections), 'connections'),
        source.problem ? fact('what is wrong', source.problem, 'problem', 'broad') : null));
  }

  // The first ones are for a relay that has just started: its course is no sliver at the edge.
  const WINDOWS = [60, 180, 600, 3600, 6 * 3600, 86400];

  // The highest point of each step: more than a screen can show would be a blot.
  function highest(all, step, pick) {
    const kept = [];
    let slot = null;
    all.forEach((point, i) => {
      const its = i === all.length - 1 ? 'now' : Math.ceil(point.ago / step);
      if (its !== slot) {
        kept.push(point);
        slot = its;
      } else if (pick(point) > pick(kept[kept.length - 1])) {
        kept[kept.length - 1] = point;
      }
    });
    return kept;
  }

  function plot(kind, title, points, pick, text) {
    const span0 = points.length ? points[0].ago : 0;
    const window = WINDOWS.find((size) => size >= span0) || WINDOWS[WINDOWS.length - 1];
    const all = points.filter((point) => point.ago <= window);
    const most = all.reduce((best, point) => (pick(point) > pick(best) ? point : best), all[0]);
    const shown = highest(all, window / 240, pick);
    const top = Math.max(pick(most), 1e-9);
    const x = (point) => (600 * (1 - point.ago / window)).toFixed(1);
    const y = (point) => (100 - 92 * pick(point) / top).toFixed(1);
    let line = '';
    let area = '';
    let run = [];
    const end = () => {
      if (run.length) {
        const corners = run.map((point) => x(point) + ' ' + y(point)).join('L');
        // A single point is a line of no length, which the round caps make a dot.
        line += 'M' + corners + (run.length === 1 ? 'l0.01 0' : '');
        area += 'M' + x(run[0]) + ' 100L' + corners + 'L' + x(run[run.length - 1]) + ' 100Z';
      }
      run = [];
    };
    shown.forEach((point) => {
      // No point for longer than this: the relay could not look, and a line would be a guess.
      if (run.length && run[run.length - 1].ago - point.ago > 150 + 2 * window / 240) {
        end();
      }
      run.push(point);
    });
    end();
    const now = shown[shown.length - 1];
    const summary = title + ' over the last ' + span(window) + ': now ' + text(pick(now)) +
      ', at most ' + text(pick(most)) + (most === now ? '' : ', ' + span(most.ago) + ' ago');
    return node('figure', { class: 'plot ' + kind },
      node('figcaption', null, node('strong', null, title),
        node('span', null, 'at most ' + text(pick(most)))),
      node('svg', { viewBox: '0 0 600 100', preserveAspectRatio: 'none', role: 'img', 'aria-label': summary },
        [150, 300, 450].map((at) => node('line', { class: 'grid', x1: at, x2: at, y1: 0, y2: 100 })),
        node('path', { class: 'area', d: area }),
        node('path', { class: 'line', d: line })),
      node('div', { class: 'ticks', 'aria-hidden': 'true' },
        node('span', null, span(window) + ' ago'), node('span', null, span(window / 2) + ' ago'),
        node('span', null, 'now')));
  }

  function points(name, sink) {
    const known = own(history.sinks, name) || { agoSeconds: [], waiting: [], oldestWaitingSeconds: [] };
    const older = (polledAt - historyAt) / 1000;
    const list = known.agoSeconds.map((age, i) => ({
      ago: age + (Number.isFinite(older) ? older : 0),
      waiting: known.waiting[i],
      oldest: known.oldestWaitingSeconds[i],
    }));
    const seen = (polled[name] || []).map(({ at, waiting, oldest }) => (
      { ago: Math.max(0, (polledAt - at) / 1000), waiting, oldest }));
    return list.concat(seen).sort((one, other) => other.ago - one.ago);
  }

  // What this page has seen itself: between two points of the history it shows what goes on.
  function remember(status) {
    polledAt = performance.now();
    for (const [name, sink] of Object.entries(status.sinks)) {
      polled[name] = (polled[name] || []).slice(1 - POLLED);
      polled[name].push({ at: polledAt, waiting: sink.waiting, oldest: sink.oldestWaitingSeconds || 0 });
    }
  }

  const VERDICTS = {
    delivered: 'good', later: 'warn', held: 'bad', 'too-large': 'warn', rejected: 'bad',
  };

  function answers(list) {
    if (!list.length) {
      return null;
    }
    return node('table', { class: 'answers' },
      node('caption', null, 'Last answers'),
      node('thead', null, node('tr', null, node('th', { scope: 'col' }, 'Time'),
        node('th', { scope: 'col' }, 'Verdict'), node('th', { scope: 'col' }, 'Answer'),
        node('th', { scope: 'col', class: 'number wide' }, 'Events'),
        node('th', { scope: 'col', class: 'number wide' }, 'Took'))),
      node('tbody', null, list.slice(0, 8).map((answer) =>
        node('tr', null, node('td', { class: 'when' }, when(answer.at)),
          node('td', null, pill(VERDICTS[answer.verdict] || '', words(answer.verdict))),
          node('td', null, answer.text),
          node('td', { class: 'number wide' }, number(answer.events)),
          node('td', { class: 'number wide' }, number(answer.tookMillis) + ' ms')))));
  }

  function state(sink) {
    if (sink.problem) {
      return pill(['held', 'braked', 'storage-trouble'].includes(sink.state) ? 'bad' : 'warn',
        sink.state === 'submitting' ? 'Trying again' : words(sink.state));
    }
    return pill(sink.storing ? 'good' : 'bad', words(sink.state));
  }

  function sink([name, sink]) {
    const books = sink.books;
    const course = points(name, sink);
    return node('article', { class: 'card', 'data-sink': name },
      node('div', { class: 'head' }, node('h3', null, name), state(sink)),
      node('dl', { class: 'facts' },
        sink.problem ? fact('what is wrong', sink.problem, 'problem', 'broad') : null,
        fact('events wait', number(sink.waiting), 'waiting'),
        fact('oldest waits for',
          sink.oldestWaitingSeconds === null ? 'none waits' : span(sink.oldestWaitingSeconds), 'oldest'),
        fact('last delivery', ago(sink.lastDelivery), 'lastDelivery'),
        fact('last answer', sink.lastAnswer ? String(sink.lastAnswer.status || 'none') : 'none yet', 'lastAnswer'),
        fact('room taken', [
          bytes(sink.spoolBytes) + ' of ' + bytes(sink.spoolLimitBytes),
          node('meter', { min: 0, max: sink.spoolLimitBytes || 1, high: 0.8 * sink.spoolLimitBytes || 1,
            optimum: 0, value: sink.spoolBytes, 'aria-label': 'Room taken in the spool of ' + name }),
        ], 'spool')),
      node('div', { class: 'plots' },
        plot('backlog', 'Events waiting', course, (point) => point.waiting, number),
        plot('age', 'Age of the oldest', course, (point) => point.oldest, span)),
      node('h4', null, 'Books since the start, in events'),
      node('dl', { class: 'facts books' },
        fact('left from before', number(books.recovered), 'recovered'),
        fact('accepted', number(books.accepted), 'accepted'),
        fact('delivered', number(books.delivered), 'delivered'),
        fact('waiting', number(books.waiting), 'booksWaiting'),
        fact('rejected, set aside', number(books.dead), 'dead'),
        fact('given up', number(sum(books.dropped)), 'dropped'),
        fact('off by', number(books.imbalance), 'imbalance')),
      answers(sink.answers));
  }

  function plays(status) {
    const rows = status.plays.map((play) =>
      node('tr', null,
        node('td', { class: 'when' }, when(play.at)),
        node('td', { 'data-field': 'asset' },
          play.asset || (play.uuid ? 'not named' : 'too large to be shown, ' + bytes(play.bytes))),
        node('td', { class: 'wide' }, play.device || ''),
        node('td', { class: 'wide' }, play.startedAt ? when(play.startedAt) : ''),
        node('td', { class: 'number' },
          play.durationSeconds === null ? '' : play.durationSeconds.toFixed(1) + ' s'),
        node('td', { class: 'wide' }, play.source)));
    return node('section', { 'aria-labelledby': 'h-plays' },
      node('h2', { id: 'h-plays' }, 'Last plays'),
      rows.length === 0
        ? node('p', { class: 'card', id: 'plays' }, 'None since the start.')
        : node('div', { class: 'card alone' }, node('table', { id: 'plays', 'aria-labelledby': 'h-plays' },
            node('thead', null, node('tr', null, node('th', { scope: 'col' }, 'Accepted'),
              node('th', { scope: 'col' }, 'Asset'), node('th', { scope: 'col', class: 'wide' }, 'Device'),
              node('th', { scope: 'col', class: 'wide' }, 'Began'),
              node('th', { scope: 'col', class: 'number' }, 'Lasted'),
              node('th', { scope: 'col', class: 'wide' }, 'Source'))),
            node('tbody', null, rows))));
  }

  function whole(status) {
    return node('div', { id: 'status' },
      figures(status),
      troubles(status),
      node('section', { 'aria-labelledby': 'h-sinks' },
        node('h2', { id: 'h-sinks' }, 'Where events go'),
        node('div', { class: 'sinks' }, Object.entries(status.sinks).map(sink))),
      node('section', { 'aria-labelledby': 'h-sources' },
        node('h2', { id: 'h-sources' }, 'Where events come from'),
        node('div', { class: 'cards' }, Object.entries(status.sources).map(source))),
      plays(status),
      node('footer', null, 'Times are those of the relay\u2019s clock in this browser\u2019s time zone. This page only looks; it can change nothing.'));
  }

  // ---- What is seen.

  function tell(text) {
    if (said !== text) {
      said = text;
      at('spoken').textContent = text;
    }
  }

  function show() {
    const about = at('about');
    const running = last.state === 'running';
    patch(about, node('p', { id: 'about' },
      pill(running ? 'good' : 'bad', words(last.state)),
      ' for ' + span(last.uptimeSeconds) + ', version ' + last.version +
      ', as of ' + clock(last.now)));
    patch(at('status'), whole(last));
    const count = last.troubles.length;
    document.title = (count ? '(' + count + ') ' : '') + 'Proof-of-play relay';
    tell(count === 0 ? 'Nothing is wrong.'
      : count + ' found: ' + last.troubles.map((one) => one.title).join('; ') + '.');
  }

  function answered() {
    silentSince = null;
    at('silent').hidden = true;
    at('ask').hidden = true;
    document.body.classList.remove('stale');
  }

  function silent() {
    silentSince = silentSince === null ? Date.now() : silentSince;
    const text = 'The relay does not answer' +
      (last ? '. What you see is as of ' + clock(last.now) + '.' : '.') +
      ' Is the device on, can you reach it, does the relay run? Runbook: relay-not-running in docs/operations.md.';
    const banner = at('silent');
    banner.hidden = false;
    if (banner.textContent !== text) {
      banner.textContent = text;
    }
    document.body.classList.add('stale');
    document.title = '(silent) Proof-of-play relay';
    tell(text);
  }

  function ask(wasWrong) {
    at('status').hidden = true;
    at('silent').hidden = true;
    at('about').textContent = '';
    at('wrong').textContent = wasWrong ? 'This is not the right token.' : '';
    if (at('ask').hidden) {
      at('ask').hidden = false;
      at('token').focus();
    }
  }

  // ---- Asking.

  async function get(path) {
    const token = sessionStorage.getItem(KEY);
    if (token !== null && !/^[\x20-\x7e]+$/.test(token)) {
      // Nothing that a header could carry.
      throw { needsToken: true, wasWrong: true };
    }
    const answer = await fetch(path, {
      cache: 'no-store',
      credentials: 'omit',
      headers: token ? { Authorization: 'Bearer ' + token } : {},
      signal: AbortSignal.timeout(PATIENCE),
    });
    if (answer.status === 401) {
      throw { needsToken: true, wasWrong: token !== null };
    }
    if (!answer.ok) {
      throw new Error(path + ' answered ' + answer.status);
    }
    return answer.json();
  }

  async function look() {
    try {
      const status = await get('status');
      if (performance.now() - historyAt > HISTORY_EVERY) {
        history = await get('history');
        historyAt = performance.now();
      }
      last = status;
      remember(status);
      answered();
      show();
      return true;
    } catch (problem) {
      if (problem.needsToken) {
        sessionStorage.removeItem(KEY);
        ask(problem.wasWrong);
        return false;
      }
      silent();
      return true;
    }
  }

  let timer = 0;

  async function loop() {
    clearTimeout(timer);
    // Whoever looks at something else needs no news; the page is told when it is looked at again.
    const goOn = document.hidden || (await look());
    clearTimeout(timer);
    if (goOn) {
      timer = setTimeout(loop, EVERY);
    }
  }

  at('ask').addEventListener('submit', (event) => {
    event.preventDefault();
    sessionStorage.setItem(KEY, at('token').value);
    at('token').value = '';
    loop();
  });
  document.addEventListener('visibilitychange', () => document.hidden || loop());
  loop();
})();
