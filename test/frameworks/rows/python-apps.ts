import { inVenv, python } from "../python.ts";
import type { Row } from "../row.ts";

const edited = (name: string, file: string) =>
  ({ file, from: "says one", to: "says two", says: `${name} says two` }) as const;

const NOTEBOOK = JSON.stringify({
  cells: [{ cell_type: "markdown", id: "one", metadata: {}, source: ["notebook says one"] }],
  metadata: { kernelspec: { display_name: "Python 3", language: "python", name: "python3" } },
  nbformat: 4,
  nbformat_minor: 5,
});

/** Programs of Python that bring a server and a page of their own: data apps, notebooks, documentation. */
export const PYTHON_APPS: readonly Row[] = [
  {
    name: "jupyter-lab",
    title: "JupyterLab",
    ...python("jupyterlab==4.6.6", "ipykernel==7.4.0"),
    files: {
      "one.ipynb": NOTEBOOK,
    },
    run: inVenv("jupyter", "lab", "--IdentityProvider.token=", "--allow-root"),
    page: { path: "/lab/tree/one.ipynb", says: "notebook says one" },
    edit: { ...edited("notebook", "one.ipynb"), byHand: true },
    webSocket: /^\/api\/kernels\/[\w-]+\/channels$/,
    redirect: { from: "/", to: "/lab?" },
    note: "the WebSocket is a kernel's",
  },
  {
    name: "jupyter-notebook",
    title: "Jupyter Notebook",
    ...python("notebook==7.6.5", "ipykernel==7.4.0"),
    files: { "one.ipynb": NOTEBOOK },
    run: inVenv("jupyter", "notebook", "--IdentityProvider.token=", "--allow-root"),
    page: { path: "/notebooks/one.ipynb", says: "notebook says one" },
    edit: { ...edited("notebook", "one.ipynb"), byHand: true },
    webSocket: /^\/api\/kernels\/[\w-]+\/channels$/,
    redirect: { from: "/", to: "/tree?" },
    note: "the WebSocket is a kernel's",
  },
  {
    name: "marimo",
    title: "marimo",
    ...python("marimo==0.25.2"),
    files: {
      "app.py": `import marimo
app = marimo.App()

@app.cell
def _():
    import marimo as mo
    mo.md("marimo says one")
    return

if __name__ == "__main__":
    app.run()
`,
    },
    run: inVenv("marimo", "run", "app.py", "--watch"),
    page: { says: "marimo says one" },
    edit: edited("marimo", "app.py"),
    webSocket: /^\/ws$/,
  },
  {
    name: "shiny",
    title: "Shiny for Python",
    ...python("shiny==1.8.0"),
    files: {
      "app.py": `from shiny import App, ui
app = App(ui.page_fluid("shiny says one"), None)
`,
    },
    run: inVenv("shiny", "run", "app.py"),
    page: { says: "shiny says one" },
    webSocket: /^\/websocket\/$/,
  },
  {
    name: "streamlit",
    title: "Streamlit",
    ...python("streamlit==1.67.0"),
    files: { "app.py": `import streamlit as st\nst.write("streamlit says one")\n` },
    env: { STREAMLIT_BROWSER_GATHER_USAGE_STATS: "false" },
    run: inVenv("streamlit", "run", "app.py", "--server.runOnSave=true"),
    page: { says: "streamlit says one" },
    edit: edited("streamlit", "app.py"),
    webSocket: /^\/_stcore\/stream$/,
  },
  {
    name: "gradio",
    title: "Gradio",
    ...python("gradio==6.31.0"),
    files: {
      "app.py": `import gradio as gr

with gr.Blocks() as demo:
    gr.Markdown("gradio says one")

if __name__ == "__main__":
    demo.launch()
`,
    },
    env: { GRADIO_ANALYTICS_ENABLED: "False" },
    run: inVenv("gradio", "app.py"),
    page: { says: "gradio says one" },
    edit: edited("gradio", "app.py"),
    eventStream: /\/dev\/reload$/,
  },
  {
    name: "dash",
    title: "Dash",
    ...python("dash==4.4.1"),
    files: {
      "app.py": `from dash import Dash, html
app = Dash(__name__)
app.layout = html.P("dash says one")
if __name__ == "__main__":
    app.run(debug=True)
`,
    },
    run: inVenv("python", "app.py"),
    page: { says: "dash says one" },
    edit: edited("dash", "app.py"),
  },
  {
    name: "bokeh",
    title: "Bokeh server",
    ...python("bokeh==3.9.2"),
    files: {
      "app.py": `from bokeh.io import curdoc
from bokeh.models import CustomJS, Paragraph
curdoc().add_root(Paragraph(text="bokeh"))
# Widgets are drawn in shadow trees; this runs once the page has the document by its WebSocket.
curdoc().js_on_event("document_ready", CustomJS(code="document.body.append('bokeh says one')"))
`,
    },
    run: inVenv("bokeh", "serve", "app.py", "--dev"),
    page: { path: "/app", says: "bokeh says one" },
    edit: { ...edited("bokeh", "app.py"), byHand: true },
    webSocket: /^\/app\/ws$/,
    redirect: { from: "/", to: "/app" },
  },
  {
    name: "mkdocs",
    title: "MkDocs",
    ...python("mkdocs==1.6.1"),
    files: {
      "mkdocs.yml": "site_name: docs\nsite_url: https://docs.test/guide/\n",
      "docs/index.md": "# Guide\n\nmkdocs says one\n",
      "docs/about.md": "# About\n",
    },
    run: inVenv("mkdocs", "serve", "--livereload"),
    page: { path: "/guide/", says: "mkdocs says one" },
    edit: edited("mkdocs", "docs/index.md"),
    redirect: { from: "/", to: "/guide/" },
    links: { path: "/guide/sitemap.xml", has: "<loc>NAME/guide/about/</loc>" },
  },
  {
    name: "sphinx-autobuild",
    title: "sphinx-autobuild",
    ...python("sphinx-autobuild==2025.8.25", "sphinx==9.0.4"),
    files: { "docs/conf.py": `project = "docs"\n`, "docs/index.rst": "Guide\n=====\n\nsphinx says one\n" },
    run: inVenv("sphinx-autobuild", "docs", "out"),
    page: { says: "sphinx says one" },
    edit: edited("sphinx", "docs/index.rst"),
    webSocket: /^\/websocket-reload$/,
  },
];
