import { names } from "../names.ts";
import { type Peer, programPath, startProgram } from "./peer.ts";

const base = (inner: string) => `worker_processes 1; daemon off; pid FOLDER/pid; error_log /dev/null;
events { worker_connections 4096; }
http {
  access_log off; keepalive_requests 1000000000; keepalive_timeout 300s; types {} default_type application/octet-stream;
  client_body_temp_path FOLDER; proxy_temp_path FOLDER; fastcgi_temp_path FOLDER; uwsgi_temp_path FOLDER; scgi_temp_path FOLDER;
  ${inner}
}`;

/**
 * nginx as a reverse proxy: one worker, pooled upstream connections, no buffering to disk; other names get 421. `http2`: its port
 * speaks that alone, without TLS.
 */
export function nginx(routes = 1, { http2 = false } = {}): Peer {
  const port = http2 ? 29_109 : 29_102;
  const also = http2 ? " http2" : "";
  return {
    name: "nginx (1 worker)",
    port,
    start: async (upstream) => {
      const program = programPath("nginx");
      if (program === null) return null;
      const config = base(`upstream u { server 127.0.0.1:${upstream}; keepalive 64; keepalive_requests 1000000000; }
  server_names_hash_max_size 65536; server_names_hash_bucket_size 128;
  server { listen 127.0.0.1:${port}${also} reuseport default_server; return 421; }
  server { listen 127.0.0.1:${port}${also}; server_name ${names(routes).join(" ")}; location / {
    proxy_pass http://u; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host;
    proxy_set_header X-Forwarded-For $remote_addr; proxy_set_header X-Forwarded-Host $host; proxy_set_header X-Forwarded-Proto http;
    proxy_max_temp_file_size 0;
  } }`);
      return startProgram(program, (folder) => ["-c", `${folder}/nginx.conf`], port, { "nginx.conf": config });
    },
  };
}

/**
 * The service behind every proxy: nginx too, since nothing slower could tell fast proxies apart. `/small` and `/large` say
 * the same each time; anything else gets an answer that differs from request to request, as a service's answers do.
 */
export async function startUpstream(port: number): Promise<(() => Promise<void>) | null> {
  const program = programPath("nginx");
  if (program === null) return null;
  const own = `{"path":"$uri","query":"$args","time":$msec,"number":$connection_requests,"text":"${"x".repeat(120)}"}`;
  const config = base(`server { listen 127.0.0.1:${port} default_server; root FOLDER;
    location = /small { return 200 "${"x".repeat(200)}"; }
    location = /large { sendfile on; }
    location / {
      default_type "application/json; charset=utf-8"; add_header Cache-Control "private, max-age=0";
      add_header ETag '"$connection-$connection_requests"'; add_header Vary "Accept-Encoding, Cookie";
      add_header X-Request "$connection.$connection_requests";
      return 200 '${own}';
    } }`);
  return startProgram(program, (folder) => ["-c", `${folder}/nginx.conf`], port, {
    "nginx.conf": config,
    large: "y".repeat(1 << 20),
  });
}
