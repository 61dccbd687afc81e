/** A service's name in IANA's registry of ports (RFC 6335), and what people call it. */
export interface IanaService {
  readonly name: string;
  /** What it is, in a few words. */
  readonly about: string;
  readonly tcp: boolean;
  readonly udp: boolean;
}

/**
 * Those rows of IANA's Service Name and Transport Protocol Port Number Registry that developers meet: port, `t` TCP, `u` UDP
 * or `tu` both, the registered name, what it is.
 */
const ROWS = `
1 tu tcpmux TCP port service multiplexer
7 tu echo sends back what it gets
9 tu discard throws away what it gets
13 tu daytime date and time as text
17 tu qotd quote of the day
19 tu chargen endless characters
20 tu ftp-data FTP's data
21 tu ftp file transfer, in the clear
22 tu ssh secure shell
23 tu telnet terminals, in the clear
25 tu smtp mail between servers
37 tu time seconds since 1900
42 tu nameserver host names, before DNS
43 tu nicname WHOIS
49 tu tacacs log-in of network devices
53 tu domain DNS
67 tu bootps DHCP's server
68 tu bootpc DHCP's client
69 tu tftp trivial file transfer
70 tu gopher Gopher
79 tu finger who is logged in
80 tu http the web, in the clear
88 tu kerberos Kerberos log-in
102 tu iso-tsap ISO transport, industrial controllers
110 tu pop3 fetching mail, in the clear
111 tu sunrpc portmapper of RPC and NFS
113 t ident who holds a connection
119 tu nntp newsgroups
123 tu ntp network time
135 tu epmap Windows RPC
137 tu netbios-ns NetBIOS names
138 tu netbios-dgm NetBIOS datagrams
139 tu netbios-ssn NetBIOS sessions
143 t imap reading mail, in the clear
161 tu snmp network monitoring
162 tu snmptrap network monitoring's alarms
177 tu xdmcp remote X sessions
179 tu bgp routing between providers
194 tu irc chat
389 tu ldap directory
427 tu svrloc service location
443 tu https the web, encrypted (UDP: HTTP/3)
445 tu microsoft-ds Windows file sharing (SMB)
464 tu kpasswd Kerberos passwords
465 t submissions mail from clients, encrypted
500 tu isakmp IPsec key exchange
502 tu mbap Modbus, industrial controllers
512 t exec remote execution, in the clear
513 t login remote log-in, in the clear
514 t shell remote shell, in the clear
514 u syslog system logs
515 tu printer line printer
520 u router RIP routing
523 tu ibm-db2 DB2 administration
540 tu uucp copying between Unixes
546 tu dhcpv6-client DHCPv6's client
547 tu dhcpv6-server DHCPv6's server
548 tu afpovertcp Apple file sharing
554 tu rtsp video streams
563 tu nntps newsgroups, encrypted
587 tu submission mail from clients
631 tu ipp printing (CUPS)
636 tu ldaps directory, encrypted
646 tu ldp MPLS labels
666 tu doom Doom
749 tu kerberos-adm Kerberos administration
853 tu domain-s DNS, encrypted
860 tu iscsi disks over the network
873 tu rsync file synchronization
902 tu ideafarm-door registered to IdeaFarm; in practice VMware
989 tu ftps-data FTP's data, encrypted
990 tu ftps file transfer, encrypted
993 t imaps reading mail, encrypted
995 tu pop3s fetching mail, encrypted
1080 tu socks SOCKS proxy
1194 tu openvpn OpenVPN
1433 tu ms-sql-s Microsoft SQL Server
1434 tu ms-sql-m Microsoft SQL Server's browser
1521 tu ncube-lm registered to nCube; in practice Oracle's listener
1701 tu l2tp L2TP tunnels
1719 tu h323gatestat H.323 telephony
1720 tu h323hostcall H.323 telephony
1723 tu pptp PPTP tunnels
1812 tu radius log-in of network users
1813 tu radius-acct accounts of network users
1883 tu mqtt MQTT messages
1900 tu ssdp UPnP discovery
2049 tu nfs network file system
2083 tu radsec RADIUS, encrypted
2181 tu eforward registered to eforward; in practice ZooKeeper
2375 t docker Docker's API, without a password
2376 t docker-s Docker's API, encrypted
2377 t swarm Docker Swarm's management
2379 t etcd-client etcd
2380 t etcd-server etcd's peers
3128 tu ndl-aas registered to an API server; in practice Squid
3205 tu isns iSCSI names
3260 tu iscsi-target disks over the network
3268 tu msft-gc Active Directory's global catalogue
3306 tu mysql MySQL, MariaDB
3389 tu ms-wbt-server Windows Remote Desktop
3478 tu stun finding one's public address (STUN, TURN)
3690 tu svn Subversion
3702 tu ws-discovery discovery of printers and cameras
4190 t sieve mail filters
4369 tu epmd Erlang's port mapper
4500 tu ipsec-nat-t IPsec through NAT
4789 u vxlan VXLAN tunnels
4840 t opcua-tcp OPC UA, industrial controllers
5000 tu commplex-main registered to Commplex; in practice whatever is being developed
5001 tu commplex-link registered to Commplex; in practice iperf
5060 tu sip internet telephony
5061 tu sips internet telephony, encrypted
5222 t xmpp-client chat
5269 t xmpp-server chat between servers
5349 tu stuns STUN and TURN, encrypted
5353 tu mdns multicast DNS (Bonjour, Avahi)
5355 tu llmnr names of the local network (Windows)
5432 tu postgresql PostgreSQL
5671 tu amqps AMQP messages, encrypted
5672 tu amqp AMQP messages (RabbitMQ)
5683 tu coap small devices
5900 tu rfb VNC remote screens
5984 tu couchdb CouchDB
5985 tu wsman Windows Remote Management
6000 tu x11 the X server's first screen
6379 t redis Redis
6443 tu sun-sr-https registered to Service Registry; in practice Kubernetes' API
6514 tu syslog-tls system logs, encrypted
6566 tu sane-port scanners
6653 tu openflow OpenFlow switches
6697 t ircs-u chat, encrypted
7000 tu afs3-fileserver AFS files
7001 tu afs3-callback AFS; in practice WebLogic
7473 tu rise registered to RISE; in practice Neo4j over HTTPS
7474 t neo4j Neo4j
7687 t bolt Neo4j's Bolt
8000 tu irdmi registered to iRDMI; in practice whatever is being developed
8008 tu http-alt the web, second choice
8080 tu http-alt the web, second choice
8086 tu d-s-n registered to DSN; in practice InfluxDB
8200 tu trivnet1 registered to TRIVNET; in practice Vault
8443 tu pcsync-https registered to PCsync; in practice HTTPS, second choice
8500 tu fmtp registered to flight messages; in practice Consul
8883 tu secure-mqtt MQTT messages, encrypted
8888 t ddi-tcp-1 registered to NewsEDGE; in practice Jupyter
9000 tu cslistener registered to CSlistener; in practice PHP-FPM, SonarQube, MinIO
9050 t versiera registered to Versiera; in practice Tor's SOCKS proxy
9090 tu websm registered to WebSM; in practice Prometheus
9092 tu XmlIpcRegSvc registered to Xml-Ipc; in practice Kafka
9100 tu pdl-datastream raw printing; Prometheus' node exporter
9200 tu wap-wsp registered to WAP; in practice Elasticsearch, OpenSearch
9418 tu git Git's own protocol, in the clear
10000 tu ndmp network backups; in practice Webmin
10050 tu zabbix-agent Zabbix's agent
10051 tu zabbix-trapper Zabbix's server
11211 tu memcache memcached
27017 t mongodb MongoDB
33060 t mysqlx MySQL's X protocol
`;

/** The IANA services on a port, in the registry's order; empty for ports that nobody registered or developers never meet. */
export function ianaServices(port: number): IanaService[] {
  table ??= readRows();
  return table.get(port) ?? [];
}

let table: Map<number, IanaService[]> | undefined;

function readRows(): Map<number, IanaService[]> {
  const found = new Map<number, IanaService[]>();
  for (const row of ROWS.trim().split("\n")) {
    const [port = "", protocols = "", name = "", ...about] = row.split(" ");
    const service = {
      name,
      about: about.join(" "),
      tcp: protocols.includes("t"),
      udp: protocols.includes("u"),
    };
    const others = found.get(Number(port));
    if (others === undefined) found.set(Number(port), [service]);
    else others.push(service);
  }
  return found;
}
