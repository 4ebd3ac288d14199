'use strict';
// An app made with Slack's own framework, on the embedded workspace: a slash command, a button, a form, a menu entry, a mention and a
// Home tab; over Socket Mode, or over signed requests where it is told so.

const { App, HTTPReceiver, LogLevel } = require('@slack/bolt');
const { given, tell, ended } = require('./steps.js');

const plain = (text) => ({ type: 'plain_text', text });
const said = (text) => ({ type: 'section', text: { type: 'mrkdwn', text } });
const buttons = (label, action_id) => ({
  type: 'actions',
  elements: [{ type: 'button', text: plain(label), action_id, value: 'op-1', style: 'primary' }],
});

function answers(app) {
  app.command('/gantry', async ({ ack, command, client, respond }) => {
    await ack();
    await respond({ response_type: 'ephemeral', text: `On it: ${command.text}` });
    const text = `Run ${command.text}?`;
    await client.chat.postMessage({
      channel: command.channel_id,
      text,
      blocks: [said(text), buttons('Approve', 'approve')],
    });
  });
  app.action('approve', async ({ ack, body, client, say }) => {
    await ack();
    const { channel, message, user } = body;
    const text = `Approved by <@${user.id}>`;
    await client.chat.update({
      channel: channel.id,
      ts: message.ts,
      text,
      blocks: [said(text), buttons('Why', 'why')],
    });
    await say({ text: 'It has started', thread_ts: message.ts });
  });
  app.action('why', async ({ ack, body, client }) => {
    await ack();
    await client.views.open({
      trigger_id: body.trigger_id,
      view: {
        type: 'modal',
        callback_id: 'reason',
        private_metadata: JSON.stringify([body.channel.id, body.message.ts]),
        title: plain('Why?'),
        submit: plain('Tell'),
        blocks: [
          {
            type: 'input',
            block_id: 'why',
            label: plain('Why'),
            element: { type: 'plain_text_input', action_id: 'text' },
          },
        ],
      },
    });
  });
  app.view('reason', async ({ ack, view, client }) => {
    const why = view.state.values.why.text.value;
    if (why.length < 5) {
      await ack({ response_action: 'errors', errors: { why: 'That is no reason' } });
      return;
    }
    await ack();
    const [channel, thread_ts] = JSON.parse(view.private_metadata);
    await client.chat.postMessage({ channel, thread_ts, text: `Because ${why}` });
  });
}

function hears(app) {
  app.event('app_mention', ({ event, say }) => say({ text: `You said ${event.text}`, thread_ts: event.ts }));
  app.event('app_home_opened', ({ event, client }) =>
    client.views.publish({ user_id: event.user, view: { type: 'home', blocks: [said('Welcome')] } }),
  );
  app.shortcut('about_message', async ({ ack, shortcut, client }) => {
    await ack();
    const [channel, user] = [shortcut.channel.id, shortcut.user.id];
    await client.chat.postEphemeral({ channel, user, text: `It says: ${shortcut.message.text}` });
  });
}

/** Where signed requests go, if it opens no sockets. */
function receiver({ signing_secret }) {
  const endpoints = ['/slack/commands', '/slack/interactions', '/slack/events'];
  return new HTTPReceiver({ signingSecret: signing_secret, endpoints, logLevel: LogLevel.ERROR });
}

async function main() {
  const { api_url, bot_token, app_token, signing_secret } = await given();
  const way = signing_secret ? { receiver: receiver({ signing_secret }) } : { appToken: app_token, socketMode: true };
  const clientOptions = { slackApiUrl: `${api_url}/` };
  const app = new App({ token: bot_token, clientOptions, logLevel: LogLevel.ERROR, ...way });
  answers(app);
  hears(app);
  app.error(async (error) => {
    console.error(error);
    process.exit(1);
  });
  const server = await app.start({ port: 0, host: '127.0.0.1' });
  tell('started', signing_secret ? { port: server.address().port } : {});
  await ended;
  const stopped = app.stop();
  // A server waits for connections that may still bring a request.
  if (signing_secret) server.closeAllConnections();
  await stopped;
}

main();
