// Sends what is typed over a WebSocket and shows what comes back.
const log = document.querySelector('#log');
const state = document.querySelector('#state');
const socket = new WebSocket(`${location.protocol === 'http:' ? 'ws' : 'wss'}://${location.host}/ws/echo`);

function show(text) {
  const line = document.createElement('li');
  line.textContent = text;
  log.append(line);
}

socket.onopen = () => { state.textContent = 'Connected.'; };
socket.onclose = () => { state.textContent = 'Closed.'; };
socket.onmessage = (event) => show(event.data);
document.querySelector('#say').addEventListener('submit', (event) => {
  event.preventDefault();
  const field = event.target.elements.text;
  if (socket.readyState === WebSocket.OPEN) socket.send(field.value);
  field.value = '';
});
