using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    ( name = "plain",
      worker = (
        modules = [( name = "plain.js", esModule = embed "out/plain.js" )],
        compatibilityDate = "2026-11-01"
      )
    ),
    ( name = "kernels",
      worker = (
        modules = [
          ( name = "kernels.js", esModule = embed "out/kernels.js" ),
          ( name = "portable-unshared.wasm", wasm = embed "out/portable-unshared.wasm" )
        ],
        compatibilityDate = "2026-11-01"
      )
    )
  ]
);
