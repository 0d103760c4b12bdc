// The certified npm oidc-provider as a company's provider: one client, and a sign-in page that asks who it is.
// argv: JSON {port, client: {...}, people: [...]}; prints "ready" when it listens.
import { createServer } from 'node:http';
import Provider, { interactionPolicy } from 'oidc-provider';

const { port, client, people } = JSON.parse(process.argv[2]);
const PASSWORD = 'urn:example:password';
const STRONG = 'urn:example:strong';
const policy = interactionPolicy.base();

// acr_values is voluntary in the protocol; a company's provider that is set up for step-up honours it.
policy.get('login').checks.add(new interactionPolicy.Check('acr', 'a stronger sign-in is needed', ({ oidc }) => {
  const wanted = (oidc.params.acr_values ?? '').split(' ').filter(Boolean);
  const met = !wanted.length || wanted.includes(oidc.acr);
  return met ? interactionPolicy.Check.NO_NEED_TO_PROMPT : interactionPolicy.Check.REQUEST_PROMPT;
}));

const html = (title, body) => `<!doctype html><html lang="en"><title>${title}</title><main><h1>${title}</h1>${
  body}</main></html>`;

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{
    grant_types: ['authorization_code'],
    response_types: ['code'],
    require_auth_time: true,
    backchannel_logout_session_required: true,
    ...client,
  }],
  acrValues: [PASSWORD, STRONG],
  claims: { openid: ['sub'], profile: ['name'], email: ['email'], acr: null, auth_time: null, sid: null, amr: null },
  cookies: { keys: ['only for tests'] },
  features: {
    devInteractions: { enabled: false },
    backchannelLogout: { enabled: true },
    rpInitiatedLogout: { // its own pages load fonts from elsewhere
      enabled: true,
      logoutSource(ctx, form) {
        ctx.body = html('Sign out?', `${form}<button form="op.logoutForm" name="logout" value="yes">Yes, sign me out</button>`);
      },
      postLogoutSuccessSource(ctx) { ctx.body = html('Signed out', ''); },
    },
  },
  // its own guard against requests to loopback would keep it from the portal under test
  fetch: (url, { dispatcher, ...options }) => globalThis.fetch(url, options),
  findAccount: (ctx, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  interactions: { policy, url: (ctx, interaction) => `/interaction/${interaction.uid}` },
  async loadExistingGrant(ctx) { // nobody is asked for consent to his company's own portal
    const grant = new ctx.oidc.provider.Grant({
      clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId,
    });
    grant.addOIDCScope('openid profile email');
    await grant.save();
    return grant;
  },
});

const button = (id) => `<button name="person" value="${id}">${id}</button>`;
const page = (strong) => html(strong ? 'Confirm it is you' : 'Who are you?',
  `<form method="post">${people.map(button).join(' ')}</form>`);

async function interact(request, response) {
  const { params } = await provider.interactionDetails(request, response);
  const strong = (params.acr_values ?? '').split(' ').includes(STRONG);
  if (request.method === 'GET') {
    response.setHeader('content-type', 'text/html');
    response.end(page(strong));
    return;
  }
  let body = '';
  for await (const chunk of request) body += chunk;
  const accountId = new URLSearchParams(body).get('person');
  const login = { accountId, acr: strong ? STRONG : PASSWORD, amr: strong ? ['pwd', 'otp', 'mfa'] : ['pwd'] };
  await provider.interactionFinished(request, response, { login }, { mergeWithLastSubmission: false });
}

const serve = provider.callback();
createServer((request, response) => {
  if (request.url === '/favicon.ico') {
    response.writeHead(204).end();
    return;
  }
  const answer = request.url.startsWith('/interaction/') ? interact : serve;
  Promise.resolve(answer(request, response)).catch((error) => {
    console.error(error);
    response.statusCode = 500;
    response.end();
  });
}).listen(port, '127.0.0.1', () => console.log('ready'));
