from socket import socket as Socket
from socket import AF_INET, SOCK_STREAM

HOSTNAME = ''      # blank for any address
PORTNUMBER = 11267 # number for the port
BUFFER = 80        # size of the buffer

SERVER_ADDRESS = (HOSTNAME, PORTNUMBER)
SERVER = Socket(AF_INET, SOCK_STREAM)
SERVER.bind(SERVER_ADDRESS)
SERVER.listen(2)

print('talk host waits for first client')
FIRST, FIRST_ADDRESS = SERVER.accept()
print('server accepted connection from ', FIRST_ADDRESS)

print('talk host waits for second client')
SECOND, SECOND_ADDRESS = SERVER.accept()
print('server accepted connection from ', SECOND_ADDRESS)

print('talk host waits for first client')
ALPHA = FIRST.recv(BUFFER).decode()
print('talk host received \"' + ALPHA + '\"')
print('talk host waits for second client')
BETA = SECOND.recv(BUFFER).decode()
print('talk host received \"' + BETA + '\"')

print('talk host sends \"' + BETA + '\"' + ' to first client')
FIRST.send(BETA.encode())
print('talk host sends \"' + ALPHA + '\"' + ' to second client')
SECOND.send(ALPHA.encode())

SERVER.close()
