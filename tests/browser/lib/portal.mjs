// A portal of the test's own: a page that shows the address asked and the headers received.
import http from 'node:http';
import { once } from 'node:events';

const escaped = (text) => text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);

export async function startPortal() {
  const server = http.createServer((request, response) => {
    const headers = Object.entries(request.headers).map(([name, value]) =>
      `<dt>${escaped(name)}</dt><dd id="${escaped(name)}">${escaped(String(value))}</dd>`);
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end(`<!doctype html><html lang="en"><title>Portal</title><h1>Portal</h1>
<p id="asked">${escaped(request.url)}</p><dl>${headers.join('')}</dl></html>`);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    stop: () => {
      server.closeAllConnections();
      return new Promise((done) => server.close(done));
    },
  };
}
