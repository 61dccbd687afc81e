/** A config in YAML with every key that there is, and at least one form of each. */
export const EVERY_KEY = `$schema: ./node_modules/cove/dist/schema.json
name: shop
guard:
  bind: fix
  origins: [https://app.example]
  users: [root, 0]
  programs: node
capture:
  bodies: 64KB
  skip: [/health]
  redact: [ssn]
  slow: 200
names: true
edges: transparent
ports: virtual
trace: auto
envFile:
  - .env.shared
  - path: .env.local
    required: false
https:
  redirect: true
  certificates:
    - cert: certs/dev.pem
      key: certs/dev.key
conditions:
  api→db: slow-3g
  all: [latency=20±5, { kind: loss, rate: 2% }]
profiles:
  tunnel: latency=80 loss=5%
scenarios:
  bad:
    parts:
      - for: 1000
        conditions: tunnel
      - for: 1000
        from: latency=1
        to: latency=50
        steps: 4
      - repeat: 2
        parts:
          - for: 500
            conditions:
              - kind: latency
                ms: 20
                jitter: 5ms
                distribution: normal
                direction: down
                probability: 50%
                name: mine
      - for: 1000
        base: latency=1
        faults: [reset, offline]
        perMinute: 4
        lasting: 100
services:
  api:
    command: node api.js
    protocol: h2c
    stopSignal: SIGINT
    needs: [db, pay]
    ready:
      http: /healthz
      status: 204
    readyTimeout: 30s
    restart:
      when: always
      max: 3
    env:
      MODE: dev
      LEVEL: 3
      ON: true
    envFile: .env.api
    cwd: .
    names: [admin, "*.app"]
    port: 4000
    expects: 3000
    guard:
      bind: warn
    capture: false
    trace: "off"
    tty: true
    stopTimeout: 5000
  web:
    kind: command
    command: [node, web.js]
    ready: { log: listening }
    restart: never
    address: own
    expects: [3001, 3002]
  job:
    command: { command: node job.js }
    ready: { command: test -f done }
  plain:
    command: node plain.js
    names: false
    ready: { tcp: true }
  db:
    postgres:
      init: [schema.sql]
      database: shop
      user: ann
      password: s3cret
      engine: embedded
      extensions: [citext]
      settings:
        work_mem: 4MB
  logs:
    kind: postgres
    init: logs.sql
    database: logs
    user: ann
    password: plain
    engine: system
    extensions: []
    settings: { jit: false }
  docs:
    files:
      dir: docs
      spa: true
      listing: false
  site:
    kind: files
    dir: site
    spa: false
    listing: true
  pay:
    mock:
      from: monday
      service: pay
      timing: true
      anyBody: true
  search:
    kind: mock
    from: monday
    service: search
    timing: false
    anyBody: false
  main:
    external:
      at: 127.0.0.1:5555
      protocol: tcp
  other:
    kind: external
    at: 5556
    protocol: http
`;
