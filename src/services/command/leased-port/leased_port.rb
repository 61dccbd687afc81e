# Loaded in front of a Ruby program that was told the door's place, so that its links lead there: its listener is put at its
# leased address. COVE_LEASED_PORT is set by door-port.ts: `web.localhost:62893=127.0.0.1:61007`.
told, host, port = /:(\d+)=([\d.]+):(\d+)\z/.match(ENV["COVE_LEASED_PORT"].to_s)&.captures
if told
  require "socket"
  Socket.singleton_class.prepend(Module.new do
    define_method(:tcp_server_sockets) do |at_host = nil, at_port, &block|
      at_port.to_s == told ? super(host, port.to_i, &block) : super(at_host, at_port, &block)
    end
  end)
end
