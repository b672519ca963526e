using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    ( name = "job",
      worker = (
        modules = [( name = "worker", esModule = embed "out/worker.js" )],
        compatibilityDate = "2026-11-01",
        compatibilityFlags = ["nodejs_compat"]
      )
    )
  ]
);
