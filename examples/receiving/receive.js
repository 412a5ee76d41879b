// Receives plays from the relay (body: ndjson) and stores each once. node receive.js PORT FILE
'use strict';

const crypto = require('node:crypto');
const fs = require('node:fs');
const http = require('node:http');

const LARGEST = 4 * 1024 * 1024;
const AUTHORIZATION = process.env.POP_AUTHORIZATION || '';
const [port, file] = process.argv.slice(2);

// One record holds both the event and all by which its repeat is known, so that the two cannot come apart.
const seen = new Set();
const out = fs.openSync(file, 'a+');

function open() {
  const known = fs.readFileSync(file);
  const end = known.lastIndexOf(10) + 1;
  fs.ftruncateSync(out, end); // A line that a crash has torn was never confirmed; it comes again.
  for (const line of lines(known.subarray(0, end))) {
    seen.add(event(line).key);
  }
}

function lines(bytes) {
  const found = [];
  for (let from = 0; from < bytes.length; ) {
    const end = bytes.indexOf(10, from) < 0 ? bytes.length : bytes.indexOf(10, from);
    if (end > from) {
      found.push(bytes.subarray(from, end));
    }
    from = end + 1;
  }
  return found;
}

// Stores the events that are new; returns how many those are. Nothing else runs meanwhile.
function store(events) {
  const fresh = new Map();
  for (const { key, line } of events) {
    if (!seen.has(key)) {
      fresh.set(key, line);
    }
  }
  const text = Buffer.concat([...fresh.values()].flatMap((line) => [line, Buffer.from('\n')]));
  const before = fs.fstatSync(out).size;
  try {
    for (let done = 0; done < text.length; ) {
      done += fs.writeSync(out, text, done);
    }
    fs.fsyncSync(out);
  } catch (problem) {
    fs.ftruncateSync(out, before);
    throw problem;
  }
  fresh.forEach((line, key) => seen.add(key));
  return fresh.size;
}

// A repeat has the same bytes; other bytes under a known uuid are another play.
function event(line) {
  const { uuid } = JSON.parse(line);
  if (typeof uuid !== 'string' || uuid === '') {
    throw new Error('no uuid');
  }
  return { key: uuid + ' ' + crypto.createHash('sha256').update(line).digest('base64'), line };
}

function take(request, body) {
  if (request.method !== 'POST') {
    return [405, 'POST is right', { Allow: 'POST' }];
  }
  if (AUTHORIZATION && request.headers.authorization !== AUTHORIZATION) {
    return [401, 'wrong credentials'];
  }
  if ((request.headers['content-encoding'] || 'identity') !== 'identity') {
    return [415, 'send it uncompressed'];
  }
  let events;
  try {
    events = lines(body).map(event);
  } catch (problem) {
    return [422, 'not an event: ' + problem.message];
  }
  try {
    // Answered only when it is on disk.
    return [200, 'stored ' + store(events) + ' new events'];
  } catch (problem) {
    return [503, 'cannot store now: ' + problem.message, { 'Retry-After': '5' }];
  }
}

open();
const server = http.createServer((request, response) => {
  const parts = [];
  let size = 0;
  request.on('data', (part) => {
    size += part.length;
    if (size <= LARGEST) {
      parts.push(part);
    }
  });
  request.on('end', () => {
    const [status, text, headers] =
      size > LARGEST ? [413, 'send smaller batches'] : take(request, Buffer.concat(parts));
    response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', ...headers });
    response.end(text);
  });
});
server.listen(Number(port), '127.0.0.1', () => {
  console.log('receiving at http://127.0.0.1:' + server.address().port);
});
