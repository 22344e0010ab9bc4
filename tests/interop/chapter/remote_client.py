from socket import socket as Socket
from socket import AF_INET, SOCK_STREAM
SERVER = '131.193.178.183'  # IP address
PORTNUMBER = 41267          # port number
BUFFER = 80                 # buffer size

SERVER_ADDRESS = (SERVER, PORTNUMBER)
CLIENT = Socket(AF_INET, SOCK_STREAM)
try:
    CLIENT.connect(SERVER_ADDRESS)
    print('client is connected')
    DATA = input('Give message : ')
    CLIENT.send(DATA.encode())
except OSError:
    print('connection failed')
CLIENT.close()
