// The reference load of `bench mix`, for those who have k6:
//
//   k6 run -e ANIMA_URL=http://127.0.0.1:7100 bench/k6/mix.js
//
// It asks of the space that ANIMA_SPACE names (default k6), which it fills as it goes.
import { check, sleep } from 'k6';
import http from 'k6/http';

const url = __ENV.ANIMA_URL || 'http://127.0.0.1:7100';
const space = __ENV.ANIMA_SPACE || 'k6';

export const options = {
  stages: [
    { duration: '30s', target: 10 },
    { duration: '60s', target: 50 },
    { duration: '120s', target: 50 },
    { duration: '30s', target: 0 },
  ],
  thresholds: {
    http_req_failed: ['rate<0.01'],
    http_req_duration: ['p(95)<400'],
    'http_req_duration{operation:add}': ['p(95)<200'],
    'http_req_duration{operation:query}': ['p(95)<400'],
    'http_req_duration{operation:bootstrap}': ['p(95)<250'],
  },
};

const thinkSeconds = 1;

const queries = [
  'What did Ada buy for the garden?',
  'Who talked about the marathon?',
  'How does Ben feel about the new job?',
  'Where was the old guitar repaired?',
  'When did we visit the museum by the sea?',
];

export default function () {
  const chance = Math.random();
  if (chance < 0.2) add();
  else if (chance < 0.8) query();
  else bootstrap();
  sleep(thinkSeconds);
}

function add() {
  const content = `User ${__VU} said at turn ${__ITER} that the garden, the new job and the marathon went well (${Date.now()}).`;
  answered(post('add', { content, conversationId: `user-${__VU}`, space }), [200, 201]);
}

function query() {
  const text = queries[Math.floor(Math.random() * queries.length)];
  answered(post('query', { query: text, limit: 20, conversationId: `user-${__VU}`, space }), [200]);
}

function bootstrap() {
  const target = `${url}/api/v1/memories/bootstrap?limit=50&space=${encodeURIComponent(space)}`;
  answered(http.get(target, { tags: { operation: 'bootstrap' } }), [200]);
}

function post(operation, body) {
  return http.post(`${url}/api/v1/memories/${operation}`, JSON.stringify(body), {
    headers: { 'content-type': 'application/json' },
    tags: { operation },
  });
}

function answered(response, statuses) {
  check(response, { answered: ({ status }) => statuses.includes(status) });
}
