import { type Peer, programPath, startProgram } from "./peer.ts";

const base = (inner: string) => `worker_processes 1; daemon off; pid FOLDER/pid; error_log /dev/null;
events { worker_connections 4096; }
http {
  access_log off; keepalive_requests 1000000000; keepalive_timeout 300s; types {} default_type application/octet-stream;
  client_body_temp_path FOLDER; proxy_temp_path FOLDER; fastcgi_temp_path FOLDER; uwsgi_temp_path FOLDER; scgi_temp_path FOLDER;
  ${inner}
}`;

/** nginx as a reverse proxy: one worker, pooled upstream connections, no buffering to disk. */
export const nginx: Peer = {
  name: "nginx (1 worker)",
  port: 29_102,
  start: async (upstream) => {
    const program = programPath("nginx");
    if (program === null) return null;
    const config = base(`upstream u { server 127.0.0.1:${upstream}; keepalive 64; keepalive_requests 1000000000; }
  server { listen 127.0.0.1:${nginx.port} reuseport; location / {
    proxy_pass http://u; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host;
    proxy_set_header X-Forwarded-For $remote_addr; proxy_set_header X-Forwarded-Host $host; proxy_set_header X-Forwarded-Proto http;
    proxy_max_temp_file_size 0;
  } }`);
    return startProgram(program, (folder) => ["-c", `${folder}/nginx.conf`], nginx.port, { "nginx.conf": config });
  },
};

/** The service behind every proxy: nginx too, since nothing slower could tell fast proxies apart. */
export async function startUpstream(port: number): Promise<(() => Promise<void>) | null> {
  const program = programPath("nginx");
  if (program === null) return null;
  const config = base(`server { listen 127.0.0.1:${port}; root FOLDER;
    location = /small { return 200 "${"x".repeat(200)}"; }
    location = /large { sendfile on; } }`);
  return startProgram(program, (folder) => ["-c", `${folder}/nginx.conf`], port, {
    "nginx.conf": config,
    large: "y".repeat(1 << 20),
  });
}
