'use strict';
// Slack's own Socket Mode client against the embedded workspace: it takes each kind of envelope, and connects again when it is told to.

const { SocketModeClient, LogLevel } = require('@slack/socket-mode');
const { given, tell, ended } = require('./steps.js');

async function main() {
  const { api_url, app_token } = await given();
  const socket = new SocketModeClient({
    appToken: app_token,
    logLevel: LogLevel.ERROR,
    clientOptions: { slackApiUrl: `${api_url}/` },
    // It also is how long the client waits before it connects again.
    clientPingTimeout: 200,
  });
  socket.on('connected', () => tell('connected'));
  socket.on('slack_event', async ({ ack, type, body, retry_num }) => {
    // What a form gets back travels in its acknowledgement.
    const refused = { response_action: 'errors', errors: { why: 'that is no reason' } };
    await ack(body.type === 'view_submission' ? refused : undefined);
    tell('envelope', { type, body, retry_num });
  });
  await socket.start();
  await ended;
  await socket.disconnect();
}

main();
